/** One message: bubble, quote, files, reactions, ticks and the small toolbar. */

import { erase, leave, retry } from "../actions.js";
import { may, me, ui } from "../app.js";
import { copy } from "../clipboard.js";
import { doubtOf, reasonOf } from "../failures.js";
import { bringTo } from "../finds.js";
import { discard, tryAgain } from "../outbox.js";
import { clock, full } from "../time.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill } from "../words.js";
import { replyTo } from "./composer.js";
import { attachments } from "./files.js";
import { agentOf, avatar, icon, iconButton, prose } from "./parts.js";
import { pickReaction, reactions } from "./reactions.js";

/** @typedef {import("../types.d.ts").Message} Message */

const BIG_EMOJI =
  /^(?:\p{Extended_Pictographic}(?:\u{FE0F}|\u{200D}|\p{Emoji_Modifier}|\p{Extended_Pictographic})*){1,3}$/u;

/** @param {Message} message @param {{first: boolean, last: boolean}} place */
export function bubble(message, { first, last }) {
  const side = sideOf(message);
  const gone = message.deleted_at !== null || ui.deleting.has(message.id);
  return html`<article class="message" tabindex="-1" id="m${message.id}" data-side=${side} ?data-first=${first} ?data-last=${last}
    aria-label=${`${nameOf(message)}, ${full(message.created_at)}`}>
    ${side === "theirs" ? face(message, last) : first ? byline(message) : nothing}
    ${gone ? tombstone(message) : body(message, side === "note" && first)}
    ${last || message.status === "failed" ? foot(message, side) : nothing}
  </article>`;
}

/** @param {Message} message */
function sideOf(message) {
  if (message.private) return "note";
  return message.sender === "customer" ? "theirs" : "ours";
}

/** @param {Message} message @param {boolean} last */
const face = ({ author }, last) =>
  html`<span class="message-face">${last && author ? avatar(author, { size: 28 }) : nothing}</span>`;

/** A colleague's name over what they wrote; one's own goes without saying. @param {Message} message */
const byline = (message) =>
  message.author?.id === me().id ? nothing : html`<span class="message-author">${nameOf(message)}</span>`;

/** @param {Message} message @param {boolean} marked */
function body(message, marked) {
  return html`<div class="bubble" ?data-big=${BIG_EMOJI.test(message.content)}>
      ${marked ? noteMark(message) : nothing}${quote(message.quoted)}${attachments(message.attachments)}${fileState(message)}${place(message)}${text(message.content)}${choices(message)}${edited(message)}
    </div>
    ${toolbar(message)}${reactions(message)}`;
}

/** A file that is on its way here, or will never come. @param {Message} message */
function fileState({ metadata }) {
  const state = metadata.media?.state;
  if (state === "waiting") return html`<p class="media-state">${icon("clock")}${gettext("The file is on its way")}</p>`;
  if (state === "lost")
    return html`<p class="media-state">${icon("circle-alert")}${gettext("The file could not be fetched; ask for it again")}</p>`;
  return nothing;
}

/** @param {Message} message */
function place({ message_type: type, metadata }) {
  const where = metadata.location;
  if (type !== "location" || !where) return nothing;
  const map = `https://www.openstreetmap.org/?mlat=${where.latitude}&mlon=${where.longitude}#map=16/${where.latitude}/${where.longitude}`;
  return html`<a href=${map} target="_blank" rel="noopener noreferrer">${gettext("Show on the map")}</a>`;
}

/** The answers that a customer was given to choose from. @param {Message} message */
function choices({ metadata }) {
  const buttons = metadata.buttons;
  return Array.isArray(buttons)
    ? html`<p class="media-state">${buttons.map((one) => one.title ?? one).join(" · ")}</p>`
    : nothing;
}

/** @param {Message} message */
function edited({ metadata }) {
  const edits = metadata.edits;
  if (!Array.isArray(edits)) return nothing;
  return html`<small class="media-state" title=${edits.map((one) => one.content).join("\n")}>${gettext("changed by the customer")}</small>`;
}

/** @param {Message} message */
function nameOf(message) {
  if (message.author?.id === me().id && message.sender === "agent") return gettext("You");
  if (message.sender === "agent" && !message.author) return gettext("From the phone");
  return message.author?.name || (message.sender === "bot" ? gettext("Assistant") : gettext("Customer"));
}

/** @param {string} content */
const text = (content) => (content ? html`<p class="prose">${prose(content)}</p>` : nothing);

/** @param {Message} message */
function noteMark(message) {
  const own = message.author?.id === me().id;
  const by = own ? gettext("Your note") : fill(gettext("Note by %(name)s"), { name: nameOf(message) });
  return html`<span class="note-mark">${icon("lock")}${by}</span>`;
}

/** @param {Message} message */
function tombstone(message) {
  const by = message.deleted_by ?? (ui.deleting.has(message.id) ? me().id : null);
  const name = by === me().id ? gettext("you") : agentOf(by)?.name;
  const words = name ? fill(gettext("Message deleted by %(name)s"), { name }) : gettext("Message deleted");
  return html`<div class="bubble" data-gone><p class="gone">${words}</p></div>`;
}

/** @param {import("../types.d.ts").Quote | null} quoted */
export function quote(quoted) {
  if (!quoted) return nothing;
  const name =
    quoted.author?.id === me().id && quoted.sender === "agent" ? gettext("You") : (quoted.author?.name ?? "");
  return html`<a class="quote" href="#m${quoted.id}" @click=${(/** @type {Event} */ event) => showQuoted(event, quoted.id)}>
    <b>${name}</b><span>${quoted.content || gettext("Attachment")}</span>
  </a>`;
}

/** @param {Event} event @param {number} id */
function showQuoted(event, id) {
  event.preventDefault();
  if (ui.route.id !== null) bringTo(ui.route.id, id);
}

/** @param {Message} message */
function toolbar(message) {
  const own = message.sender === "agent" && message.author?.id === me().id;
  return html`<div class="message-tools" role="toolbar" aria-label=${gettext("Message")}>
    ${iconButton("smile-plus", gettext("React"), (event) => pickReaction(message, event.currentTarget))}
    ${message.private ? nothing : iconButton("reply", gettext("Reply"), () => replyTo(message))}
    ${message.content ? iconButton("copy", gettext("Copy"), () => copy(message.content)) : nothing}
    ${own || may("message.delete_any") ? iconButton("trash-2", gettext("Delete"), () => erase(message)) : nothing}
  </div>`;
}

/** @param {Message} message @param {string} side */
function foot(message, side) {
  const failed = message.status === "failed";
  const at = html`<time datetime=${message.created_at} title=${full(message.created_at)}>${clock(message.created_at)}</time>`;
  const doubt = doubtOf(message);
  return html`<span class="message-foot" ?data-failed=${failed && !doubt} data-doubt=${doubt || nothing}>
    ${at}${side === "ours" && !message.deleted_at ? ticks(message) : nothing}${failed ? failure(message) : nothing}
  </span>`;
}

/** Why it was not delivered, and another try. @param {Message} message */
function failure(message) {
  const doubt = doubtOf(message);
  const label = doubt ? gettext("Send it again: it may arrive twice") : gettext("Try again");
  const again = html`<button type="button" class="link" @click=${() => retry(message)}>${label}</button>`;
  const left = html`<button type="button" class="link" @click=${() => leave(message)}>${gettext("Leave it")}</button>`;
  return html`<span>${reasonOf(message) || gettext("Not delivered")}</span>${message.deleted_at ? nothing : again}${doubt === "open" && !message.deleted_at ? left : nothing}`;
}

/** @param {Message} message */
function ticks(message) {
  const { status } = message;
  const looks = {
    pending: ["clock", gettext("Sending")],
    sent: ["check", gettext("Sent")],
    delivered: ["check-check", gettext("Delivered")],
    read: ["check-check", gettext("Read")],
    failed: ["circle-alert", gettext("Not delivered")],
  };
  const doubt = doubtOf(message);
  const [name, label] = doubt ? ["circle-question-mark", gettext("Perhaps not delivered")] : looks[status];
  return html`<span class="ticks" data-status=${status} data-doubt=${doubt || nothing}>${icon(name, label)}</span>`;
}

/** A message that has not been stored yet. @param {import("../outbox.js").Pending} pending */
export function unsent(pending) {
  const failed = pending.state === "failed";
  const id = pending.client_message_id;
  return html`<article class="message" data-side=${pending.private ? "note" : "ours"} data-last data-first data-unsent=${pending.state}>
    <div class="bubble">${attachments(pending.attachments)}${text(pending.content)}</div>
    <span class="message-foot" ?data-failed=${failed}>
      ${
        failed
          ? html`${icon("circle-alert")}<span>${pending.error || gettext("Not sent")}</span>
            <button type="button" class="link" @click=${() => tryAgain(id)}>${gettext("Try again")}</button>
            <button type="button" class="link" @click=${() => discard(id)}>${gettext("Discard")}</button>`
          : html`<time datetime=${pending.created_at}>${clock(pending.created_at)}</time><span class="ticks">${icon("clock", gettext("Sending"))}</span>`
      }
    </span>
  </article>`;
}
