/**
 * Messages on their way: shown at once, sent in order, kept over a reload, replaced by the stored message with the same
 * `client_message_id`. Sending is REST with that id, so that a repeat is harmless.
 */
import { api } from "./api.js";
import { current, touch, ui, update } from "./app.js";
import { newId } from "./ids.js";
import { kept, keep as put } from "./kept.js";
import { mergeMessages } from "./store.js";

/**
 * @typedef {object} Pending
 * @property {string} client_message_id
 * @property {number} conversation_id
 * @property {string} content
 * @property {boolean} private
 * @property {number | null} reply_to
 * @property {import("./types.d.ts").Attachment[]} attachments
 * @property {string} created_at
 * @property {string} [message_type]
 * @property {Record<string, any>} [metadata]
 * @property {"waiting" | "sending" | "failed"} state
 * @property {string} error
 */

const KEPT_AS = "outbox";
const AGAIN_MS = 5_000;
let sending = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let again;

/** Take up what an earlier page could not send. */
export function restore() {
  const left = kept(KEPT_AS) ?? [];
  ui.outbox = left.map((/** @type {Pending} */ one) => (one.state === "sending" ? { ...one, state: "waiting" } : one));
  flush();
}

/** What of a conversation is still on its way. @param {number} id @returns {Pending[]} */
export function pendingOf(id) {
  const stored = new Set((current().messages[id] ?? []).map((message) => message.client_message_id));
  return ui.outbox.filter((one) => one.conversation_id === id && !stored.has(one.client_message_id));
}

/** @param {Pick<Pending, "conversation_id" | "content" | "private" | "reply_to" | "attachments" | "message_type" | "metadata">} message */
export function send(message) {
  const created_at = new Date().toISOString();
  ui.outbox.push({ ...message, client_message_id: newId(), created_at, state: "waiting", error: "" });
  flush();
}

/** @param {string} id */
export function tryAgain(id) {
  change(id, { state: "waiting", error: "" });
  flush();
}

/** @param {string} id */
export function discard(id) {
  ui.outbox = ui.outbox.filter((one) => one.client_message_id !== id);
  keep();
}

/** Send what waits, one after another. */
export async function flush() {
  keep();
  if (sending) return;
  sending = true;
  clearTimeout(again);
  let next = ui.outbox.find((one) => one.state === "waiting");
  while (next && (await deliver(next))) next = ui.outbox.find((one) => one.state === "waiting");
  sending = false;
  if (next) again = setTimeout(flush, AGAIN_MS);
}

/** Answers whether the next one may go. @param {Pending} pending */
async function deliver(pending) {
  const {
    conversation_id,
    client_message_id: id,
    state: _,
    error: __,
    created_at: ___,
    attachments,
    ...body
  } = pending;
  change(id, { state: "sending" });
  try {
    const files = attachments.map((one) => one.id);
    const path = `conversations/${conversation_id}/messages`;
    const message = await api.post(path, { ...body, client_message_id: id, attachments: files });
    if (current().messages[conversation_id])
      update((state) => mergeMessages(state, conversation_id, [message], known(state, message)));
    discard(id);
    return true;
  } catch (problem) {
    const refusal = /** @type {import("./api.js").Refusal} */ (problem);
    // Whoever has to log in again finds it waiting here, and it goes then.
    const waits = refusal.passing || refusal.status === 401;
    change(id, waits ? { state: "waiting" } : { state: "failed", error: refusal.message });
    return !waits;
  }
}

/** The frame may have come first, and be newer. @param {import("./types.d.ts").State} state @param {import("./types.d.ts").Message} message */
function known(state, message) {
  const there = state.messages[message.conversation_id].some((one) => one.id === message.id);
  return new Set(there ? [message.id] : []);
}

/** @param {string} id @param {Partial<Pending>} to */
function change(id, to) {
  ui.outbox = ui.outbox.map((one) => (one.client_message_id === id ? { ...one, ...to } : one));
  keep();
}

function keep() {
  put(KEPT_AS, ui.outbox.length ? ui.outbox : null);
  touch();
}
