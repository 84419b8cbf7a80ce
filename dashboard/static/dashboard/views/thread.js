/** One conversation: its head, its messages, who types, and the composer. */

import { current, ui } from "../app.js";
import { pendingOf } from "../outbox.js";
import { conversationOf } from "../store.js";
import { loadOlder, loadThread, thread as opened } from "../threads.js";
import { dayName } from "../time.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { contactName, fill } from "../words.js";
import { bubble, unsent } from "./bubble.js";
import { composer } from "./composer.js";
import { dropZone } from "./files.js";
import { agentOf, avatar, empty, icon, trouble } from "./parts.js";
import { follow, toLatest } from "./scroll.js";
import { head } from "./thread_head.js";

/** @typedef {import("../types.d.ts").Message} Message */
/** @typedef {import("../types.d.ts").Conversation} Conversation */

const GROUP_MS = 3 * 60_000;

export function thread() {
  const { id } = ui.route;
  if (id === null)
    return html`<section class="thread thread-none">${empty("message-circle", gettext("No conversation open"), hint())}</section>`;
  const conversation = conversationOf(current(), id);
  const state = opened(id);
  if (state.missing)
    return html`<section class="thread thread-none">${empty("search", gettext("Conversation not found"), gettext("It does not exist, or is not yours to see."))}</section>`;
  if (!conversation) return html`<section class="thread" aria-busy="true">${skeleton()}</section>`;
  return html`<section class="thread" aria-label=${fill(gettext("Conversation with %(name)s"), { name: contactName(conversation.contact) })} ${dropZone(id)}>
    ${head(conversation)} ${messages(conversation, state)} ${composer(conversation)}
  </section>`;
}

const hint = () => html`${gettext("Choose one from the list, or press")} <kbd>J</kbd>`;

/** @param {Conversation} conversation @param {import("../threads.js").Opened} state */
function messages(conversation, state) {
  const { id } = conversation;
  const known = current().messages[id];
  if (state.error && !known)
    return html`<div class="messages">${trouble(gettext("The messages could not be loaded."), () => loadThread(id))}</div>`;
  const items = known ? [...lines(known), ...waiting(id), ...typers(conversation)] : [];
  return html`<div class="messages" role="log" aria-label=${gettext("Messages")} tabindex="0" data-thread=${id} ${ref(follow)}
    @scroll=${(/** @type {Event} */ event) => scrolled(event, id)}>
    <div class="messages-inner">
      ${known ? beginning(id, state, known) : skeleton()}
      ${repeat(
        items,
        (item) => item.key,
        (item) => item.draw(),
      )}
    </div>
    <button type="button" class="pill to-latest" hidden @click=${toLatest}>${icon("chevron-down")}<span>${gettext("Latest")}</span></button>
  </div>`;
}

/** @param {number} id @param {import("../threads.js").Opened} state @param {Message[]} known */
function beginning(id, state, known) {
  if (state.loading && known.length) return html`<p class="thread-more" aria-busy="true">${gettext("Loading…")}</p>`;
  if (state.error) return trouble(gettext("Older messages could not be loaded."), () => loadOlder(id));
  if (!state.whole && known.length)
    return html`<button type="button" class="thread-more" @click=${() => loadOlder(id)}>${gettext("Older messages")}</button>`;
  return known.length ? nothing : html`<p class="line">${gettext("No messages yet")}</p>`;
}

/** Day separators, activity lines and bubbles in their groups. @param {Message[]} list */
function lines(list) {
  /** @type {{key: string, draw: () => any}[]} */
  const items = [];
  list.forEach((message, at) => {
    const [before, after] = [list[at - 1], list[at + 1]];
    const day = new Date(message.created_at).toDateString();
    if (!before || new Date(before.created_at).toDateString() !== day)
      items.push({
        key: `d${day}`,
        draw: () => html`<h3 class="day"><span>${dayName(message.created_at)}</span></h3>`,
      });
    const place = { first: !together(before, message), last: !together(message, after) };
    items.push({
      key: keyOf(message),
      draw: () => (message.sender === "system" ? activity(message) : bubble(message, place)),
    });
  });
  return items;
}

/** A message keeps its place on the page when the stored one replaces the pending one. @param {Message} message */
const keyOf = (message) => (message.client_message_id ? `p${message.client_message_id}` : `m${message.id}`);

/** @param {Message | undefined} one @param {Message | undefined} other */
function together(one, other) {
  if (
    !one ||
    !other ||
    one.sender !== other.sender ||
    one.private !== other.private ||
    one.author?.id !== other.author?.id
  )
    return false;
  const [a, b] = [new Date(one.created_at), new Date(other.created_at)];
  return b.getTime() - a.getTime() < GROUP_MS && a.toDateString() === b.toDateString();
}

/** @param {Message} message */
const activity = (message) => html`<p class="line" id="m${message.id}"><span>${message.content}</span></p>`;

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

const skeleton = () =>
  html`<div class="thread-skeleton" aria-hidden="true">${["theirs", "theirs", "ours", "theirs", "ours"].map((side) => html`<i data-side=${side}></i>`)}</div>`;
