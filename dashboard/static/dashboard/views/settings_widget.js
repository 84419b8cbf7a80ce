/** How a web chat looks, when its team is there, and which sites may embed it: one draft, a preview, one button. */

import { touch } from "../app.js";
import { say } from "../toasts.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { icon } from "./parts.js";
import { hoursEditor, hoursOf, hoursToSave } from "./settings_hours.js";
import { preview } from "./widget_preview.js";

/**
 * @typedef {object} Draft what is written, not yet saved
 * @property {string} title
 * @property {string} greeting
 * @property {string} offline
 * @property {string} accent
 * @property {string} language        for pages that name none; empty: the company's
 * @property {string[]} languages
 * @property {string} origins         one a line
 * @property {import("./settings_hours.js").Hours} hours
 * @property {boolean} changed
 */

const OUR_ACCENT = "#006b86";
const LANGUAGES = { "pt-br": "Português", en: "English", es: "Español" };
/** @type {Map<number, Draft>} */
const drafts = new Map();

/** @param {any} inbox @returns {Draft} */
function draftOf(inbox) {
  const known = drafts.get(inbox.id);
  if (known) return known;
  const { title = "", greeting = "", offline = "", accent, language = "", languages, hours } = inbox.settings;
  const draft = {
    ...{ title, greeting, offline, language },
    accent: accent || OUR_ACCENT,
    languages: languages?.length ? languages : Object.keys(LANGUAGES),
    origins: inbox.allowed_origins.join("\n"),
    hours: hoursOf(hours),
    changed: false,
  };
  drafts.set(inbox.id, draft);
  return draft;
}

/** @param {any} inbox @param {(id: number, data: any) => Promise<any>} change */
export function widgetSettings(inbox, change) {
  const draft = draftOf(inbox);
  const edit = (/** @type {Partial<Draft>} */ to) => {
    Object.assign(draft, to, { changed: true });
    touch();
  };
  const discard = () => {
    drafts.delete(inbox.id);
    touch();
  };
  return html`<form class="widget-form" @submit=${(/** @type {Event} */ event) => save(event, inbox, draft, change)}>
    <div class="widget-pair">${look(draft, edit)}${preview(draft, inbox)}</div>
    ${hoursEditor(draft.hours, (hours) => edit({ hours }))} ${sites(draft, edit)}
    <div class="widget-foot">
      <button class="button" data-strong ?disabled=${!draft.changed}>${gettext("Save")}</button>
      ${draft.changed ? html`<button type="button" class="link" @click=${discard}>${gettext("Discard")}</button>` : nothing}
    </div>
  </form>`;
}

/** @param {Draft} draft @param {(to: Partial<Draft>) => void} edit */
function look(draft, edit) {
  const texts = /** @type {const} */ (["title", "greeting", "offline"]);
  const names = { title: gettext("Title"), greeting: gettext("First words"), offline: gettext("When nobody is there") };
  const longest = { title: 60, greeting: 500, offline: 500 };
  const field = (/** @type {typeof texts[number]} */ name) => html`<label class="field"><span>${names[name]}</span>
    <textarea class="input" rows=${name === "title" ? 1 : 2} maxlength=${longest[name]} .value=${draft[name]}
      placeholder=${name === "title" ? gettext("The company's name") : gettext("Our own words, in the visitor's language")}
      @input=${(/** @type {Event} */ event) => edit({ [name]: written(event) })}></textarea></label>`;
  return html`<fieldset class="widget-look"><legend>${gettext("Look and words")}</legend>
    ${texts.map(field)}
    <label class="field"><span>${gettext("Colour")}</span><span class="colour-field"><input type="color" class="colour" .value=${draft.accent}
      @input=${(/** @type {Event} */ event) => edit({ accent: written(event) })} /><code>${draft.accent}</code></span></label>
    <div class="field" role="group" aria-label=${gettext("Languages")}><span>${gettext("Languages")}</span><span class="checks">${Object.entries(LANGUAGES).map(([code, name]) => languageCheck(code, name, draft, edit))}</span></div>
    <label class="field"><span>${gettext("For pages that name no language")}</span>
      <select class="input" @change=${(/** @type {Event} */ event) => edit({ language: written(event) })}>
        <option value="" ?selected=${!draft.language}>${gettext("The company's")}</option>
        ${draft.languages.map((code) => html`<option value=${code} ?selected=${code === draft.language}>${LANGUAGES[/** @type {keyof typeof LANGUAGES} */ (code)]}</option>`)}
      </select></label>
  </fieldset>`;
}

/** At least one stays. @param {string} code @param {string} name @param {Draft} draft @param {(to: Partial<Draft>) => void} edit */
function languageCheck(code, name, draft, edit) {
  const on = draft.languages.includes(code);
  const flip = () => {
    const languages = Object.keys(LANGUAGES).filter((one) => (one === code ? !on : draft.languages.includes(one)));
    edit({ languages, language: languages.includes(draft.language) ? draft.language : "" });
  };
  const last = on && draft.languages.length === 1;
  return html`<label><input type="checkbox" .checked=${on} ?disabled=${last} @change=${flip} />${name}</label>`;
}

/** @param {Draft} draft @param {(to: Partial<Draft>) => void} edit */
function sites(draft, edit) {
  return html`<fieldset><legend>${gettext("Sites")}</legend>
    <label class="field"><span>${gettext("Which sites may show the chat, one a line")}</span>
      <textarea class="input" rows="3" spellcheck="false" placeholder="https://www.example.com" .value=${draft.origins}
        @input=${(/** @type {Event} */ event) => edit({ origins: written(event) })} @blur=${() => edit({ origins: tidied(draft.origins).join("\n") })}></textarea></label>
    <p class="quiet">${icon("lock")}${gettext("Nobody else's page can show it. An address is enough: what follows it is dropped.")}</p>
  </fieldset>`;
}

/** What people paste, as browsers write an origin; what is none stays for the server to name. @param {string} text */
function tidied(text) {
  const lines = text.split(/[\s,]+/).filter(Boolean);
  return [...new Set(lines.map((line) => originOf(line.includes("://") ? line : `https://${line}`) ?? line))];
}

/** @param {string} address */
function originOf(address) {
  const { origin } = URL.canParse(address) ? new URL(address) : { origin: "null" };
  return origin === "null" ? null : origin;
}

/** @param {Event} event @param {any} inbox @param {Draft} draft @param {(id: number, data: any) => Promise<any>} change */
async function save(event, inbox, draft, change) {
  event.preventDefault();
  const { title, greeting, offline, accent, language, languages } = draft;
  const settings = {
    ...inbox.settings,
    ...{ title, greeting, offline, accent, language, languages },
    hours: hoursToSave(draft.hours),
  };
  const saved = await change(inbox.id, { settings, allowed_origins: tidied(draft.origins) });
  if (!saved) return;
  drafts.delete(inbox.id);
  say(gettext("Saved"));
  touch();
}

/** @param {Event} event */
const written = (event) => /** @type {HTMLInputElement} */ (event.target).value;
