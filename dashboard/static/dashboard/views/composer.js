/** The composer: reply or note, files, the quoted message; Enter sends, Shift and Enter make a line. */

import { reopen } from "../actions.js";
import { current, me, touch, ui } from "../app.js";
import { draftOf, keepDraft } from "../drafts.js";
import { feed } from "../live.js";
import { send } from "../outbox.js";
import { roomFor } from "../room.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { contactName, fill, number } from "../words.js";
import { attach, uploads } from "./files.js";
import { agentOf, channelName, icon, iconButton } from "./parts.js";
import { pickEmoji } from "./reactions.js";
import { toLatest } from "./scroll.js";
import { countdown, inShut, picker, shut, templateButton, timeLeft } from "./window.js";

/** @typedef {import("../types.d.ts").Conversation} Conversation */

const LINES = 8;
const LINE_PX = 21;
const TYPING_EVERY_MS = 3_000;
const TYPING_STOPS_MS = 5_000;
/** @type {string[]} */
const ONE_FILE = ["whatsapp", "whatsapp_qr", "telegram"];
let toldAt = 0;
let toldIn = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence;

/** @param {Conversation} conversation */
export function composer(conversation) {
  const { id } = conversation;
  if (conversation.status === "closed") return closed(conversation);
  const draft = draftOf(id);
  const note = draft.mode === "note";
  return html`<form class="composer" ?data-note=${note} @submit=${(/** @type {Event} */ event) => submit(event, conversation)}>
    <div class="composer-head">${modes(note)}${others(conversation)}</div> ${note ? nothing : picker(conversation)}
    ${!note && timeLeft(conversation) === 0 ? shut(conversation, draft.text) : writing(conversation, draft, note)}
  </form>`;
}

/** @param {Conversation} conversation @param {import("../app.js").Draft} draft @param {boolean} note */
function writing(conversation, draft, note) {
  const { id } = conversation;
  if (inShut()) requestAnimationFrame(() => document.getElementById("composer")?.focus());
  return html`${quoted(id, draft)} ${uploads(id)}
    <textarea id="composer" rows="1" aria-label=${note ? gettext("Private note") : gettext("Reply")} placeholder=${hint(conversation, note)}
      .value=${live(draft.text)} ${ref(fit)} @input=${(/** @type {Event} */ event) => wrote(event, id)}
      @keydown=${(/** @type {KeyboardEvent} */ event) => keys(event, conversation)} @paste=${(/** @type {ClipboardEvent} */ event) => pasted(event, id)}></textarea>
    <footer>
      ${note ? nothing : tools(id)} ${note ? nothing : templateButton(conversation)} ${note ? nothing : countdown(conversation)}
      <span class="composer-gap"></span>${counter(conversation, draft)}
      <button class="button" data-strong ?disabled=${!sendable(conversation, draft)}>${sendWords(conversation, note)}</button>
    </footer>`;
}

/** @param {Conversation} conversation */
function closed({ id }) {
  return html`<div class="composer-closed"><span>${gettext("This conversation is closed.")}</span>
    <button type="button" class="button" @click=${() => reopen(id)}>${icon("rotate-ccw")}${gettext("Reopen to write")}</button></div>`;
}

/** @param {boolean} note */
function modes(note) {
  const tab = (
    /** @type {"reply" | "note"} */ mode,
    /** @type {string} */ name,
    /** @type {string} */ key,
  ) => html`<button type="button" role="tab"
    aria-selected=${(mode === "note") === note} tabindex=${(mode === "note") === note ? 0 : -1} aria-keyshortcuts=${key} @click=${() => write(mode)}>${mode === "note" ? icon("lock") : nothing}${name}</button>`;
  return html`<div class="composer-modes" role="tablist" aria-label=${gettext("Write")} @keydown=${(/** @type {KeyboardEvent} */ event) => turn(event, note)}>
    ${tab("reply", gettext("Reply"), "r")}${tab("note", gettext("Private note"), "n")}
  </div>`;
}

/** @param {KeyboardEvent} event @param {boolean} note */
function turn(event, note) {
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") write(note ? "reply" : "note");
}

/** Whoever writes into a colleague's conversation is told so, also when it became theirs just now. @param {Conversation} conversation */
function others({ assignee_id: owner }) {
  const name = owner === me().id ? "" : agentOf(owner)?.name;
  const words = name ? fill(gettext("With %(name)s now"), { name }) : "";
  return html`<span class="composer-owner" role="status">${words}</span>`;
}

/** @param {number} id @param {import("../app.js").Draft} draft */
function quoted(id, draft) {
  const message = current().messages[id]?.find((one) => one.id === draft.replyTo);
  if (!message) return nothing;
  return html`<div class="composer-quote">${icon("reply")}<span><b>${message.author?.name ?? gettext("Customer")}</b> ${message.content || gettext("Attachment")}</span>
    ${iconButton("x", gettext("Don't quote"), () => {
      keepDraft(id, { replyTo: null });
      touch();
    })}</div>`;
}

/** @param {number} id */
function tools(id) {
  return html`${iconButton("paperclip", gettext("Attach files"), chooseFiles)}
    <input type="file" id="composer-files" multiple hidden @change=${(/** @type {Event} */ event) => chosen(event, id)} />
    ${iconButton("smile-plus", gettext("Emoji"), (event) => pickEmoji(event.currentTarget, (emoji) => insert(id, emoji)))}`;
}

/** @param {Conversation} conversation @param {boolean} note */
function hint({ contact }, note) {
  return note
    ? gettext("Only your team sees this")
    : fill(gettext("Write to %(name)s"), { name: contactName(contact) });
}

/** @param {Conversation} conversation @param {boolean} note */
function sendWords({ channel }, note) {
  if (note) return gettext("Save note");
  if (channel === "api") return gettext("Send");
  return channel === "webchat"
    ? gettext("Send in the chat")
    : fill(gettext("Send on %(channel)s"), { channel: channelName(channel) });
}

/** How much of what fits is written, once that may matter. @param {Conversation} conversation @param {import("../app.js").Draft} draft */
function counter(conversation, draft) {
  const { used, most, parts, over, shown } = room(conversation, draft);
  if (!shown) return nothing;
  const words = parts ? gettext("Goes as several messages") : `${number(used)} / ${number(most)}`;
  const told = over
    ? fill(gettext("Too long: this channel takes %(most)s characters in one message."), { most: number(most) })
    : "";
  return html`<span class="composer-room" ?data-over=${over} title=${told || nothing}>${words}<span role="status" class="visually-hidden">${told}</span></span>`;
}

/** A note is for the team and has the product's own room. @param {Conversation} conversation @param {import("../app.js").Draft} draft */
function room({ inbox_id }, draft) {
  if (draft.mode === "note") return roomFor(undefined, draft.text);
  const inbox = current().inboxes.find((one) => one.id === inbox_id);
  return roomFor(inbox?.limits, draft.text, draft.uploads[0]?.attachment ?? undefined);
}

/** @param {Conversation} conversation @param {import("../app.js").Draft} draft */
function sendable(conversation, draft) {
  const ready = draft.uploads.every((upload) => upload.attachment) && !room(conversation, draft).over;
  return ready && Boolean(draft.text.trim() || (draft.mode === "reply" && draft.uploads.length));
}

/** Grow to eight lines, then scroll. @param {Element | undefined} box */
function fit(box) {
  if (!(box instanceof HTMLTextAreaElement)) return;
  queueMicrotask(() => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, LINES * LINE_PX + LINE_PX)}px`;
  });
}

/** @param {Event} event @param {number} id */
function wrote(event, id) {
  const box = /** @type {HTMLTextAreaElement} */ (event.target);
  keepDraft(id, { text: box.value });
  fit(box);
  if (draftOf(id).mode === "reply") tellTyping(id, box.value !== "");
  touch();
}

/** Say that we type at most every few seconds, and that we stopped. @param {number} id @param {boolean} typing */
function tellTyping(id, typing) {
  clearTimeout(silence);
  if (toldAt && toldIn !== id) stopTyping();
  if (typing) silence = setTimeout(() => tellTyping(id, false), TYPING_STOPS_MS);
  if (typing && Date.now() - toldAt < TYPING_EVERY_MS) return;
  if (!typing && !toldAt) return;
  // Without a connection nobody hears of it: the next key tells it again.
  toldAt = typing && feed.isConnected() ? Date.now() : 0;
  toldIn = id;
  feed.whisper({ type: "typing", conversation_id: id, is_typing: typing });
}

/** Whoever writes here does not write there any more. */
function stopTyping() {
  toldAt = 0;
  feed.whisper({ type: "typing", conversation_id: toldIn, is_typing: false });
}

/** @param {KeyboardEvent} event @param {Conversation} conversation */
function keys(event, conversation) {
  if (event.key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event, conversation);
}

/** @param {Event} event @param {Conversation} conversation */
function submit(event, conversation) {
  event.preventDefault();
  const { id, channel } = conversation;
  const draft = draftOf(id);
  if (draft.mode === "reply" && timeLeft(conversation) === 0) return;
  if (!sendable(conversation, draft)) return;
  const note = draft.mode === "note";
  const content = draft.text.trim();
  const reply_to = note ? null : draft.replyTo;
  const uploaded = note ? [] : draft.uploads;
  const attachments = uploaded.map((upload) => /** @type {import("../types.d.ts").Attachment} */ (upload.attachment));
  keepDraft(id, { text: "", replyTo: null, uploads: note ? draft.uploads : [] });
  if (!note) tellTyping(id, false);
  for (const part of parts(channel, content, attachments))
    send({ conversation_id: id, private: note, reply_to, ...part });
  const box = document.getElementById("composer");
  requestAnimationFrame(() => fit(box ?? undefined));
  toLatest();
}

/** Providers carry one file in a message, and no text under a sound: there each goes by itself. @param {string} channel @param {string} content @param {import("../types.d.ts").Attachment[]} attachments */
function parts(channel, content, attachments) {
  if (!ONE_FILE.includes(channel) || !attachments.length) return [{ content, attachments }];
  const captioned = !attachments[0].content_type.startsWith("audio/");
  const files = attachments.map((one, at) => ({ content: at === 0 && captioned ? content : "", attachments: [one] }));
  return captioned || !content ? files : [...files, { content, attachments: [] }];
}

/** @param {ClipboardEvent} event @param {number} id */
function pasted(event, id) {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || draftOf(id).mode === "note") return;
  event.preventDefault();
  attach(id, files);
}

const chooseFiles = () => document.getElementById("composer-files")?.click();

/** @param {Event} event @param {number} id */
function chosen(event, id) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  attach(id, input.files ?? []);
  input.value = "";
}

/** @param {number} id @param {string} emoji */
function insert(id, emoji) {
  const box = /** @type {HTMLTextAreaElement} */ (document.getElementById("composer"));
  box.setRangeText(emoji, box.selectionStart, box.selectionEnd, "end");
  keepDraft(id, { text: box.value });
  box.focus();
  touch();
}

/** Begin to write a reply or a note. @param {"reply" | "note"} mode */
export function write(mode) {
  const { id } = ui.route;
  if (id === null) return;
  keepDraft(id, { mode });
  touch();
  requestAnimationFrame(() => document.getElementById("composer")?.focus());
}

/** @param {import("../types.d.ts").Message} message */
export function replyTo(message) {
  keepDraft(message.conversation_id, { replyTo: message.id });
  write("reply");
}
