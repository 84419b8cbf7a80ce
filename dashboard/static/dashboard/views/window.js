/** The provider's window: for how long a customer may be answered freely, and the templates for afterwards. */

import { api, upload } from "../api.js";
import { touch } from "../app.js";
import { send } from "../outbox.js";
import { clock } from "../time.js";
import { attempt } from "../toasts.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill } from "../words.js";
import { icon, iconButton, trouble } from "./parts.js";

/** @typedef {import("../types.d.ts").Conversation} Conversation */
/**
 * @typedef {object} Template
 * @property {number} id
 * @property {string} name
 * @property {string} language
 * @property {string} approval
 * @property {string} text
 * @property {string[]} variables
 * @property {string[]} buttons
 * @property {string} head
 * @property {string[]} accepts
 */

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SOON_MS = 2 * HOUR_MS;
const CHANNELS_WITH_WINDOW = ["whatsapp"];
const HEADS = ["image", "video", "document"];

/**
 * What is being picked, where; and the file above it, which is on its way, there, or refused.
 * @type {{conversation: number, template: Template | null, values: Record<string, string>, file?: HeadFile | null} | null}
 */
let picking = null;
/** @typedef {{name: string, attachment: any, error: string}} HeadFile */
/** @type {Map<number, Template[] | null>} null: they could not be loaded */
const known = new Map();

/** Milliseconds until only templates may be sent; null where there is no such limit. @param {Conversation} conversation */
export function timeLeft({ channel, window_until: until }) {
  if (!CHANNELS_WITH_WINDOW.includes(channel)) return null;
  return until ? Math.max(0, new Date(until).getTime() - Date.now()) : 0;
}

let wasEnding = false;

/** Whether the countdown goes by seconds, or has just come to its end. @param {Conversation | undefined} conversation */
export function isEnding(conversation) {
  const left = conversation ? timeLeft(conversation) : null;
  const before = wasEnding;
  wasEnding = left !== null && left > 0 && left < MINUTE_MS;
  return wasEnding || before;
}

/** How long is left, in the composer's foot. @param {Conversation} conversation */
export function countdown(conversation) {
  const left = timeLeft(conversation);
  if (!left) return nothing;
  const hours = Math.floor(left / HOUR_MS);
  const words =
    hours > 0
      ? fill(gettext("%(n)s h left"), { n: hours })
      : left < MINUTE_MS
        ? fill(gettext("%(n)s s left"), { n: Math.ceil(left / 1_000) })
        : fill(gettext("%(n)s min left"), { n: Math.floor(left / MINUTE_MS) });
  const until = fill(gettext("You may write freely until %(time)s; then only approved templates go out."), {
    time: clock(/** @type {string} */ (conversation.window_until)),
  });
  return html`<span class="window-left" ?data-soon=${left < SOON_MS} title=${until}>${icon("alarm-clock")}${words}</span>`;
}

/** @param {Conversation} conversation */
export const templateButton = (conversation) =>
  timeLeft(conversation) === null
    ? nothing
    : iconButton("message-circle", gettext("Templates"), () => open(conversation), {
        pressed: picking?.conversation === conversation.id,
      });

/** In the place of the text box, once the window is closed; what was being written stays for when it opens again, and
 * whoever was writing has the templates at hand. @param {Conversation} conversation @param {string} draft */
export function shut(conversation, draft) {
  const wasWriting = document.activeElement?.id === "composer";
  if (wasWriting)
    requestAnimationFrame(() =>
      /** @type {HTMLElement | null} */ (document.querySelector(".window-shut button"))?.focus(),
    );
  const kept = draft.trim();
  return html`<div class="window-shut">${kept ? html`<p class="window-draft">${fill(gettext("Kept until the customer writes again: %(text)s"), { text: kept })}</p>` : nothing}<span>${gettext("The customer wrote more than 24 hours ago: only an approved template may be sent now.")}</span>
    <button type="button" class="button" data-strong @click=${() => open(conversation)}>${gettext("Choose a template")}</button></div>`;
}

/** Whether the keyboard is in what stands there while the window is closed. */
export const inShut = () => Boolean(document.activeElement?.closest(".window-shut"));

/** @param {Conversation} conversation */
function open({ id, inbox_id }) {
  picking = picking?.conversation === id ? null : { conversation: id, template: null, values: {} };
  touch();
  if (picking) load(inbox_id);
}

/** @param {number} inbox */
async function load(inbox) {
  const rows = await attempt(api.get(`inboxes/${inbox}/templates`));
  known.set(inbox, rows ?? null);
  touch();
}

/** The list of templates, or the chosen one's blanks. @param {Conversation} conversation */
export function picker(conversation) {
  if (picking?.conversation !== conversation.id) return nothing;
  const rows = known.get(conversation.inbox_id);
  if (rows === null) return trouble(gettext("The templates could not be loaded."), () => load(conversation.inbox_id));
  return html`<div class="templates" role="group" aria-label=${gettext("Templates")}>
    ${picking.template ? blanks(conversation, picking.template) : list(rows ?? [])}
  </div>`;
}

/** @param {Template[]} rows */
function list(rows) {
  if (!rows.length) return html`<p class="quiet">${gettext("This inbox has no templates yet.")}</p>`;
  return html`<ul>${rows.map(
    (one) => html`<li><button type="button" ?disabled=${!usable(one)} @click=${() => choose(one)}>
      <b>${one.name}</b> <small>${one.language}${usable(one) ? "" : ` · ${approvalName(one)}`}</small><span>${one.text}</span></button></li>`,
  )}</ul>`;
}

/** @param {Template} one */
const usable = ({ approval, head }) => approval === "approved" && ["", ...HEADS].includes(head);

/** @param {Template} one */
function approvalName({ approval }) {
  const names = {
    approved: gettext("can't be sent from here"),
    pending: gettext("in review"),
    rejected: gettext("rejected"),
    paused: gettext("paused"),
    disabled: gettext("disabled"),
  };
  return names[/** @type {keyof typeof names} */ (approval)] ?? approval;
}

/** @param {Template} template */
function choose(template) {
  if (picking) picking = { ...picking, template, values: {}, file: null };
  touch();
}

/** @param {Conversation} conversation @param {Template} template */
function blanks(conversation, template) {
  return html`<div class="template-blanks">
    <p class="template-text">${preview(template)}</p>
    ${template.buttons.length ? html`<p class="template-buttons">${template.buttons.map((words) => html`<span>${words}</span>`)}</p>` : nothing}
    ${template.head ? headField(conversation, template) : nothing}
    ${template.variables.map(
      (name, at) => html`<label><span>${fill(gettext("Blank %(n)s"), { n: at + 1 })}</span>
        <input class="input" maxlength="1024" .value=${picking?.values[name] ?? ""} @input=${(/** @type {Event} */ event) => wrote(name, event)}
          @keydown=${(/** @type {KeyboardEvent} */ event) => entered(event, conversation, template)} /></label>`,
    )}
    <footer><button type="button" class="button" @click=${() => choose(/** @type {any} */ (null))}>${gettext("Back")}</button>
      <button type="button" class="button" data-strong ?disabled=${!isReady(template)} @click=${() => go(conversation, template)}>${gettext("Send the template")}</button></footer>
  </div>`;
}

/** The file that stands above the text. @param {Conversation} conversation @param {Template} template */
function headField({ id }, { head, accepts }) {
  const names = {
    image: gettext("Picture above it"),
    video: gettext("Film above it"),
    document: gettext("Document above it"),
  };
  const { file } = picking ?? {};
  const state = file?.error || (file && !file.attachment ? gettext("Uploading…") : "");
  return html`<label><span>${names[/** @type {keyof typeof names} */ (head)]}</span>
    <input class="input" type="file" accept=${accepts.join(",")} @change=${(/** @type {Event} */ event) => bring(id, event)} />
    ${state ? html`<small role="status" ?data-bad=${Boolean(file?.error)}>${state}</small>` : nothing}</label>`;
}

/** @param {number} id @param {Event} event */
async function bring(id, event) {
  const chosen = /** @type {HTMLInputElement} */ (event.target).files?.[0];
  if (!picking) return;
  /** @type {HeadFile | null} */
  const file = chosen ? { name: chosen.name, attachment: null, error: "" } : null;
  picking.file = file;
  touch();
  if (!file || !chosen) return;
  try {
    file.attachment = await upload(`conversations/${id}/attachments`, chosen, () => {}).done;
  } catch (refusal) {
    file.error = /** @type {Error} */ (refusal).message || gettext("The upload broke off.");
  }
  touch();
}

/** Whether everything is filled in at this moment. @param {Template} template */
function isReady({ variables, head }) {
  const filled = variables.every((name) => picking?.values[name]?.trim());
  return filled && (!head || Boolean(picking?.file?.attachment));
}

/** Enter sends what is filled in, and never the composer's own form. @param {KeyboardEvent} event @param {Conversation} conversation @param {Template} template */
function entered(event, conversation, template) {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (isReady(template)) go(conversation, template);
}

/** The text with what has been filled in. @param {Template} template */
function preview({ text, variables }) {
  return variables.reduce((shown, name) => {
    const value = picking?.values[name]?.trim();
    return value ? shown.replaceAll(`{{${name.split(".").at(-1)}}}`, () => value) : shown;
  }, text);
}

/** @param {string} name @param {Event} event */
function wrote(name, event) {
  if (picking) picking.values[name] = /** @type {HTMLInputElement} */ (event.target).value;
  touch();
}

/** @param {Conversation} conversation @param {Template} template */
function go({ id }, template) {
  const { name, language } = template;
  const metadata = { template: { name, language, variables: picking?.values ?? {} } };
  const content = preview(template);
  const attachments = picking?.file?.attachment ? [picking.file.attachment] : [];
  picking = null;
  send({
    conversation_id: id,
    content,
    message_type: "template",
    metadata,
    private: false,
    reply_to: null,
    attachments,
  });
}
