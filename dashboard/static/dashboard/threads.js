/** The messages of opened conversations: the newest page, older ones as one scrolls up, and read marks. */
import { api } from "./api.js";
import { current, touch, touchedSince, ui, update } from "./app.js";
import { conversationOf, forgetMessages, mergeConversations, mergeMessages } from "./store.js";

/**
 * @typedef {object} Opened
 * @property {boolean} loading
 * @property {boolean} whole   the oldest message is there
 * @property {string} error
 * @property {boolean} missing the conversation does not exist, or may not be seen
 */

const PAGE = 50;
/** For somebody who goes far back. */
const STRIDE = 200;
const PATIENCE_MS = 50;
/** Conversations whose messages stay on the page for when one comes back; a day of work opens hundreds. */
const KEPT = 20;
/** @type {Set<number>} the one opened last is the last */
const openings = new Set();

/** @param {number} id @returns {Opened} */
export const thread = (id) => ui.threads[id] ?? { loading: false, whole: false, error: "", missing: false };

/** Keep the messages of this conversation, and no longer those of the one opened longest ago. Answers which are gone. @param {number} id */
export function remember(id) {
  openings.delete(id);
  openings.add(id);
  const gone = [...openings].slice(0, -KEPT);
  for (const old of gone) {
    openings.delete(old);
    delete ui.threads[old];
  }
  if (gone.length) update((state) => forgetMessages(state, gone));
  return gone;
}

/** Fetch the newest messages (and the conversation itself, if the list does not have it). @param {number} id */
export async function loadThread(id) {
  await load(id, async () => {
    const overtaken = touchedSince("conversations");
    const touched = touchedSince("messages");
    const [conversation, rows] = await Promise.all([
      conversationOf(current(), id) ? null : api.get(`conversations/${id}`),
      api.get(`conversations/${id}/messages`, { limit: PAGE }),
    ]);
    if (conversation) update((state) => mergeConversations(state, [conversation], overtaken()));
    // What was known may have a gap before this page: only what belongs to it stays.
    const oldest = rows[0]?.id ?? 0;
    const known = (current().messages[id] ?? []).filter((message) => message.id >= oldest);
    update((state) => mergeMessages({ ...state, messages: { ...state.messages, [id]: known } }, id, rows, touched()));
    return rows.length < PAGE;
  });
}

/** Fetch the page before the oldest message. @param {number} id @param {number} [limit] */
export async function loadOlder(id, limit = PAGE) {
  const oldest = current().messages[id]?.[0];
  const now = thread(id);
  if (!oldest || now.loading || now.whole) return;
  await load(id, async () => {
    const touched = touchedSince("messages");
    const rows = await api.get(`conversations/${id}/messages`, { limit, before: oldest.id });
    update((state) => mergeMessages(state, id, rows, touched()));
    return rows.length < limit;
  });
}

/** Go back until a message is there; answers whether it is. @param {number} id @param {number} message */
export async function reach(id, message) {
  const there = () => Boolean(current().messages[id]?.some((one) => one.id === message));
  while (!there() && ui.route.id === id && !thread(id).whole && !thread(id).error) {
    if (thread(id).loading) await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    else await loadOlder(id, STRIDE);
  }
  return there();
}

/** @param {number} id @param {() => Promise<boolean>} fetchPage answers whether that was the oldest page */
async function load(id, fetchPage) {
  ui.threads[id] = { ...thread(id), loading: true, error: "" };
  touch();
  try {
    ui.threads[id] = { loading: false, whole: await fetchPage(), error: "", missing: false };
  } catch (problem) {
    const refusal = /** @type {import("./api.js").Refusal} */ (problem);
    const missing = refusal.status === 404;
    ui.threads[id] = { ...thread(id), loading: false, error: refusal.message || refusal.code, missing };
  }
  touch();
}
