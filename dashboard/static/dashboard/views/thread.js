/** One conversation: its head, its messages, who types, and the composer. */

import { current, ui } from "../app.js";
import { finds, found, step } from "../finds.js";
import { pendingOf } from "../outbox.js";
import { conversationOf } from "../store.js";
import { loadOlder, loadThread, thread as opened } from "../threads.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { contactName, count, fill, number } from "../words.js";
import { unsent } from "./bubble.js";
import { composer } from "./composer.js";
import { days } from "./days.js";
import { dropZone } from "./files.js";
import { agentOf, avatar, empty, icon, iconButton, trouble } from "./parts.js";
import { follow, newsIn, toLatest } from "./scroll.js";
import { head } from "./thread_head.js";

/** @typedef {import("../types.d.ts").Message} Message */
/** @typedef {import("../types.d.ts").Conversation} Conversation */

export function thread() {
  const { id } = ui.route;
  if (id === null)
    return html`<section class="thread thread-none">${empty("message-circle", gettext("No conversation open"), hint())}</section>`;
  const conversation = conversationOf(current(), id);
  const state = opened(id);
  if (state.missing)
    return html`<section class="thread thread-none">${empty("search", gettext("Conversation not found"), gettext("It does not exist, or is not yours to see."))}</section>`;
  if (!conversation) return html`<section class="thread" aria-busy=${state.loading}>${unknown(id, state)}</section>`;
  return html`<section class="thread" aria-label=${fill(gettext("Conversation with %(name)s"), { name: contactName(conversation.contact) })} ${dropZone(id)}>
    ${head(conversation)} ${findings()} ${messages(conversation, state)} ${composer(conversation)}
  </section>`;
}

/** A conversation that only an address has named so far. @param {number} id @param {import("../threads.js").Opened} state */
function unknown(id, state) {
  if (state.error) return trouble(gettext("The conversation could not be loaded."), () => loadThread(id));
  return html`<header class="head" aria-hidden="true"></header><div class="messages"><div class="messages-inner">${skeleton()}</div></div>`;
}

/** Which of the messages that were searched for is on show. */
function findings() {
  if (!found()) return nothing;
  const { at, ids, text } = finds;
  const words = fill(gettext("%(at)s of %(all)s with “%(text)s”"), {
    at: number(at + 1),
    all: number(ids.length),
    text,
  });
  return html`<div class="findings" role="group" aria-label=${gettext("Found in this conversation")}>
    ${icon("search")}<span role="status">${words}</span>
    ${iconButton("chevron-down", gettext("The one before"), () => step(1), { disabled: ids.length < 2 })}
    ${iconButton("chevron-down", gettext("The next one"), () => step(-1), { disabled: ids.length < 2, tip: "left" })}
  </div>`;
}

const hint = () => html`${gettext("Choose one from the list, or press")} <kbd>J</kbd>`;

/** @param {Conversation} conversation @param {import("../threads.js").Opened} state */
function messages(conversation, state) {
  const { id } = conversation;
  const known = current().messages[id];
  if (state.error && !known)
    return html`<div class="messages">${trouble(gettext("The messages could not be loaded."), () => loadThread(id))}</div>`;
  return html`<div class="messages" role="log" aria-label=${gettext("Messages")} tabindex="0" data-thread=${id} data-newest=${known?.at(-1)?.id ?? nothing} ${ref(follow)}
    @scroll=${(/** @type {Event} */ event) => scrolled(event, id)} @keydown=${walk}>
    <div class="messages-inner">
      ${known ? [beginning(id, state, known), days(known, [...waiting(id), ...typers(conversation)])] : skeleton()}
    </div>
    ${latest(newsIn(id, known ?? []))}
  </div>`;
}

/** The way down, for whoever reads further up; what has come meanwhile is counted. @param {number} news */
function latest(news) {
  const words = news ? count(ngettext("%(count)s new", "%(count)s new", news), news) : gettext("Latest");
  return html`<button type="button" class="pill to-latest" hidden data-news=${news || nothing} @click=${toLatest}>${icon("chevron-down")}<span>${words}</span></button>`;
}

/** @param {number} id @param {import("../threads.js").Opened} state @param {Message[]} known */
function beginning(id, state, known) {
  if (state.loading && known.length) return html`<p class="thread-more" aria-busy="true">${gettext("Loading…")}</p>`;
  if (state.error) return trouble(gettext("Older messages could not be loaded."), () => loadOlder(id));
  if (!state.whole && known.length)
    return html`<button type="button" class="thread-more" @click=${() => loadOlder(id)}>${gettext("Older messages")}</button>`;
  return known.length ? nothing : html`<p class="line">${gettext("No messages yet")}</p>`;
}

/** @param {number} id */
function waiting(id) {
  return pendingOf(id).map((pending) => ({ key: `p${pending.client_message_id}`, draw: () => unsent(pending) }));
}

/** @param {Conversation} conversation */
function typers(conversation) {
  return (current().typing[conversation.id] ?? []).map((writer) => ({
    key: `t${writer.user_id ?? "c"}`,
    draw: () => dots(conversation, writer),
  }));
}

/** @param {Conversation} conversation @param {import("../types.d.ts").Writer} writer */
function dots(conversation, writer) {
  const ours = writer.user_id !== null;
  const person = ours ? agentOf(writer.user_id) : { ...conversation.contact, name: contactName(conversation.contact) };
  if (!person) return nothing;
  const label = fill(gettext("%(name)s is typing"), { name: person.name });
  return html`<div class="message typing" data-side=${ours ? "ours" : "theirs"} role="status" aria-label=${label}>
    ${ours ? nothing : avatar(person, { size: 28 })}
    <div class="bubble"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${writer.preview ? html`<q>${writer.preview}</q>` : nothing}</div>
    ${ours ? html`<span class="message-foot">${label}</span>` : nothing}
  </div>`;
}

/** @param {Event} event @param {number} id */
function scrolled(event, id) {
  const box = /** @type {HTMLElement} */ (event.target);
  if (box.scrollTop < 200) loadOlder(id);
}

/** Arrows go from message to message; what can be done with one is behind the Tab key. @param {KeyboardEvent} event */
function walk(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const from = /** @type {Element} */ (event.target);
  if (!step || from.closest(".message-tools, a, video, audio")) return;
  /** @type {NodeListOf<HTMLElement>} */
  const all = /** @type {Element} */ (event.currentTarget).querySelectorAll(".message[tabindex]");
  const at = [...all].indexOf(/** @type {HTMLElement} */ (from.closest(".message")));
  const next = all[at < 0 ? all.length - 1 : at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

const skeleton = () =>
  html`<div class="thread-skeleton" aria-hidden="true">${["theirs", "theirs", "ours", "theirs", "ours"].map((side) => html`<i data-side=${side}></i>`)}</div>`;
