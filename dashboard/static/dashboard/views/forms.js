/** What the settings' forms have in common. */

import { touch } from "../app.js";
import { copy } from "../clipboard.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { icon, iconButton, trouble } from "./parts.js";

/** What a form holds, by field's name. @param {Event} event @returns {Record<string, string>} */
export function values(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}

/** @param {boolean} on @param {string} label @param {() => void} toggle */
export function flip(on, label, toggle) {
  return html`<button type="button" class="switch" role="switch" aria-checked=${on} aria-label=${label} @click=${toggle}></button>`;
}

/** A row with a switch at its end. @param {string} name @param {string} about @param {boolean} on @param {() => void} toggle */
export function choice(name, about, on, toggle) {
  return html`<div><span class="rows-text"><b>${name}</b><small>${about}</small></span>${flip(on, name, toggle)}</div>`;
}

/** A text that is changed where it stands. @param {string} label @param {string} value @param {(value: string) => void} change */
export function inPlace(label, value, change) {
  const commit = (/** @type {Event} */ event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    const text = box.value.trim();
    if (text && text !== value) change(text);
    else box.value = value;
  };
  return html`<input class="input bare" aria-label=${label} .value=${value} maxlength="120" @change=${commit} @keydown=${leave} />`;
}

/** @param {KeyboardEvent} event */
function leave(event) {
  if (event.key === "Enter") /** @type {HTMLElement} */ (event.target).blur();
}

/** Secrets that are on show until somebody says that they have them, by place. @type {Map<string, string>} */
const secrets = new Map();

/** @param {string} place @param {string} secret */
export function reveal(place, secret) {
  secrets.set(place, secret);
  touch();
}

/** The only time that it can be read. @param {string} place @param {string} about */
export function secret(place, about) {
  const text = secrets.get(place);
  if (!text) return nothing;
  const hide = () => {
    secrets.delete(place);
    touch();
  };
  return html`<div class="secret" role="status"><span>${about}<br /><code>${text}</code></span>
    ${iconButton("copy", gettext("Copy"), () => copy(text))} ${iconButton("x", gettext("Hide"), hide, { tip: "left" })}</div>`;
}

/** @param {import("../resource.js").Resource<any>} list @param {() => any} body */
export function whenLoaded(list, body) {
  list.use();
  if (list.failed) return trouble(gettext("The list could not be loaded."), list.load);
  return list.loaded ? body() : nothing;
}

/** @param {string} label @param {() => void} run */
export const removeButton = (label, run) =>
  html`<button type="button" class="icon-button" aria-label=${label} data-tip=${label} data-tip-at="left" @click=${run}>${icon("trash-2")}</button>`;
