/**
 * What a list of conversations knows, and the one way in which a frame changes it: `apply(known, frame)`. Pure: nothing is
 * changed in place, and what did not change keeps its identity.
 *
 * @typedef {import("./frames.js").Conversation} Conversation
 * @typedef {import("./frames.js").Message} Message
 * @typedef {import("./frames.js").Presence} Presence
 * @typedef {{user_id: number | null, contact_id: number | null, preview: string | null}} Writer
 *
 * @typedef {object} Known
 * @property {Record<number, Conversation>} rows  those that were loaded or heard of, by id
 * @property {number | null} currentId            the one that is open
 * @property {Message[]} messages                 its messages, oldest first, those on their way at the end
 * @property {number[]} viewers                   who else has it open
 * @property {Record<number, Writer[]>} typing    who is writing, by conversation
 * @property {Record<number, Presence>} presence  colleagues, by user
 * @property {number | null} me
 */

const RANK = { pending: 0, sent: 1, delivered: 2, read: 3, failed: 0 };

/** @type {Known} */
export const NOTHING = { rows: {}, currentId: null, messages: [], viewers: [], typing: {}, presence: {}, me: null };

/** @type {Record<string, (known: Known, data: any) => Known>} */
const HANDLERS = {
  connected: (known, { user_id }) => ({ ...known, me: user_id, viewers: [] }),
  conversation_updated: (known, { previous, ...row }) => withRows(known, [row]),
  chat_message: chatMessage,
  message_status: (known, data) => withMessage(known, data, (message) => moveStatus(message, data)),
  message_reaction: (known, data) => withMessage(known, data, (message) => react(message, data)),
  message_deleted: (known, data) => withMessage(known, data, (message) => bury(message, data)),
  contact_updated: contactUpdated,
  typing,
  viewers: (known, { conversation_id, user_ids }) =>
    conversation_id === known.currentId ? { ...known, viewers: user_ids } : known,
  user_status: (known, { user_id, status }) => ({ ...known, presence: { ...known.presence, [user_id]: status } }),
};

/** What is known after a frame; a type that means nothing here changes nothing. @param {Known} known @param {{type: string, data: any}} frame @returns {Known} */
export function apply(known, { type, data }) {
  return Object.hasOwn(HANDLERS, type) ? HANDLERS[type](known, data) : known;
}

/** @param {Known} known @param {Conversation[]} rows @returns {Known} */
export function withRows(known, rows) {
  return { ...known, rows: { ...known.rows, ...Object.fromEntries(rows.map((row) => [row.id, row])) } };
}

/** A message's place is its number's; one on its way has none (`id` below 0) and gives way to the one that was stored. @param {Known} known @param {Message[]} messages @returns {Known} */
export function withMessages(known, messages) {
  const ids = new Set(messages.map((message) => message.id));
  const sent = new Set(messages.map((message) => message.client_message_id).filter(Boolean));
  const others = known.messages.filter(({ id, client_message_id: own }) => !ids.has(id) && !(own && sent.has(own)));
  const place = (/** @type {Message} */ { id }) => (id < 0 ? Number.MAX_SAFE_INTEGER + id : id);
  return { ...known, messages: [...others, ...messages].sort((one, other) => place(one) - place(other)) };
}

/** Newest message first. @type {(one: Conversation, other: Conversation) => number} */
function newestFirst(one, other) {
  const [a, b] = [one.last_message_time ?? one.created_at, other.last_message_time ?? other.created_at];
  if (a !== b) return a < b ? 1 : -1;
  return other.id - one.id;
}

/** Those of a status, and with the words in their contact or found by the server. @param {Known} known @param {string} status @param {string} words @param {Set<number>} found */
export function chosen(known, status, words, found) {
  const sought = words.toLowerCase();
  const fits = (/** @type {Conversation} */ row) =>
    (!status ||
      (status === "open" ? row.status !== "closed" : row.status === (status === "pending" ? "waiting" : status))) &&
    (!sought || found.has(row.id) || `${row.contact.name} ${row.contact.phone}`.toLowerCase().includes(sought));
  return Object.values(known.rows).filter(fits).sort(newestFirst);
}

/** @type {(known: Known, data: any) => Known} */
function chatMessage(known, { conversation_id, message }) {
  const next = conversation_id === known.currentId ? withMessages(known, [message]) : known;
  if (message.sender !== "customer") return next;
  return { ...next, typing: { ...next.typing, [conversation_id]: colleagues(next, conversation_id) } };
}

/** @param {Known} known @param {number} conversationId */
const colleagues = (known, conversationId) =>
  (known.typing[conversationId] ?? []).filter((writer) => writer.user_id !== null);

/** What we type ourselves is no news. @type {(known: Known, data: any) => Known} */
function typing(known, { conversation_id, user_id, contact_id, is_typing, preview }) {
  if (user_id !== null && user_id === known.me) return known;
  const others = (known.typing[conversation_id] ?? []).filter((writer) => writer.user_id !== user_id);
  const writers = is_typing ? [...others, { user_id, contact_id, preview: preview ?? null }] : others;
  return { ...known, typing: { ...known.typing, [conversation_id]: writers } };
}

/** @type {(known: Known, data: any) => Known} */
function contactUpdated(known, { id, name, phone, email, avatar_url }) {
  const contact = { id, name: name || phone || email || `#${id}`, phone, avatar_url };
  const theirs = Object.values(known.rows).filter((row) => row.contact_id === id);
  return theirs.length
    ? withRows(
        known,
        theirs.map((row) => ({ ...row, contact })),
      )
    : known;
}

/** @param {Known} known @param {{conversation_id: number, message_id: number}} where @param {(message: Message) => Message} change @returns {Known} */
function withMessage(known, { conversation_id, message_id }, change) {
  if (conversation_id !== known.currentId) return known;
  const messages = known.messages.map((message) => (message.id === message_id ? change(message) : message));
  return { ...known, messages };
}

/** A delivery state only rises; `failed` only if it was not delivered, and from there back to `pending`. @type {(message: Message, data: any) => Message} */
function moveStatus(message, { status, error }) {
  const now = RANK[message.status];
  const rises =
    status === "failed"
      ? now < RANK.delivered
      : RANK[/** @type {import("./frames.js").MessageStatus} */ (status)] > now;
  const anew = message.status === "failed" && status === "pending";
  return rises || anew ? { ...message, status, error: error ?? "" } : message;
}

/** @type {(message: Message, data: any) => Message} */
function react(message, { reaction, user_id, contact_id }) {
  const others = message.reactions.filter((one) => one.user_id !== user_id || one.contact_id !== contact_id);
  return { ...message, reactions: reaction ? [...others, { reaction, user_id, contact_id }] : others };
}

/** A tombstone keeps its place. @type {(message: Message, data: any) => Message} */
function bury(message, { deleted_at, deleted_by }) {
  const empty = { content: "", attachments: [], reactions: [], metadata: {} };
  return { ...message, ...empty, deleted_by, deleted_at: deleted_at ?? message.created_at };
}
