/**
 * The state of a dashboard, and the one way in which it changes: `apply(state, frame)`.
 *
 * Everything here is pure: a state is never changed, a new one is made, and parts that did not change keep their identity.
 * The state is the snapshot's (`user, counts, conversations, agents, metrics, inboxes, teams, labels, sessions`, without
 * `epoch` and `cursors`, which belong to the feed; `agents, inboxes, teams, labels` by id, `sessions` as {inbox id: how its
 * connection stands}) and what a followed page gathers beside it:
 *
 *   conversations  newest message first, then newest id; those that were loaded or heard of
 *   messages       {conversation id: messages, oldest first}, only for conversations that were opened
 *   contacts       {contact id: contact}, only those that were loaded or heard of
 *   typing         {conversation id: who is writing}        viewers   {conversation id: user ids}
 *   ratings, audit newest first, at most KEPT
 *   standings      {conversation id: {status, assignee_id}} as the snapshot or a frame told it, never REST in between: what
 *                  the counts were made of, so that a frame seen twice (the snapshot was read after its cursors) counts once
 *
 * @typedef {import("./types.d.ts").State} State
 * @typedef {import("./types.d.ts").Frame} Frame
 * @typedef {import("./types.d.ts").Conversation} Conversation
 * @typedef {import("./types.d.ts").Message} Message
 */

const KEPT = 200;
const QUOTED_CHARACTERS = 200;
const RANK = { pending: 0, sent: 1, delivered: 2, read: 3, failed: 0 };

/** @type {Record<string, (state: State, data: any) => State>} */
const HANDLERS = {
  chat_message: chatMessage,
  message_status: (state, data) => withMessage(state, data, (message) => moveStatus(message, data)),
  message_reaction: (state, data) => withMessage(state, data, (message) => react(message, data)),
  message_updated: messageUpdated,
  message_deleted: messageDeleted,
  conversation_updated: conversationUpdated,
  contact_created: contactChanged,
  contact_updated: contactChanged,
  csat_update: csatUpdate,
  directory_updated: directoryUpdated,
  audit_log: (state, data) => ({ ...state, audit: onTop(state.audit, data, "id") }),
  session_status: (state, data) => ({ ...state, sessions: { ...state.sessions, [data.session_id]: data } }),
  dashboard_metrics: (state, data) => ({ ...state, metrics: data }),
  user_status: userStatus,
  contact_status: contactStatus,
  contacts_online: contactsOnline,
  typing,
  viewers: (state, data) => ({ ...state, viewers: { ...state.viewers, [data.conversation_id]: data.user_ids } }),
};

/**
 * The state after a frame. A type that is not known changes nothing.
 * @param {State} state
 * @param {Frame} frame
 * @returns {State}
 */
export function apply(state, frame) {
  const handle = Object.hasOwn(HANDLERS, frame.type) ? HANDLERS[frame.type] : null;
  return handle ? handle(state, frame.data) : state;
}

/**
 * A fresh state. What the snapshot does not tell (opened messages, who types) starts empty.
 * @param {any} snapshot
 * @returns {State}
 */
export function fromSnapshot({ epoch, cursors, ...told }) {
  const empty = { messages: {}, contacts: {}, online: {}, typing: {}, viewers: {}, ratings: [], audit: [] };
  const conversations = [...told.conversations].sort(newestFirst);
  const standings = Object.fromEntries(conversations.map((conversation) => [conversation.id, standing(conversation)]));
  const sessions = Object.fromEntries((told.sessions ?? []).map((/** @type {any} */ one) => [one.session_id, one]));
  return { ...empty, standings, ...told, conversations, sessions };
}

/**
 * A frame's number is `seq`, but REST's answers have none: rows whose id a frame touched since the request left
 * (`touched`) are older than what is shown, and are left out.
 * @param {State} state
 * @param {Conversation[]} rows
 * @param {Set<number>} [touched]
 * @returns {State}
 */
export function mergeConversations(state, rows, touched) {
  const known = new Set(state.conversations.map((row) => row.id));
  const fresh = rows.filter((row) => !touched?.has(row.id) || !known.has(row.id));
  const ids = new Set(fresh.map((row) => row.id));
  const others = state.conversations.filter((row) => !ids.has(row.id));
  return { ...state, conversations: [...others, ...fresh].sort(newestFirst) };
}

/**
 * @param {State} state
 * @param {number} conversationId
 * @param {Message[]} rows
 * @param {Set<number>} [touched]
 * @returns {State}
 */
export function mergeMessages(state, conversationId, rows, touched) {
  const known = new Map((state.messages[conversationId] ?? []).map((message) => [message.id, message]));
  for (const row of rows) if (!known.has(row.id) || !touched?.has(row.id)) known.set(row.id, row);
  const merged = [...known.values()].sort((one, other) => one.id - other.id);
  return { ...state, messages: { ...state.messages, [conversationId]: merged } };
}

/** @param {State} state @param {number[]} ids conversations @returns {State} */
export function forgetMessages(state, ids) {
  const kept = Object.entries(state.messages).filter(([id]) => !ids.includes(Number(id)));
  return { ...state, messages: Object.fromEntries(kept) };
}

/** Ratings as `GET csat` tells them, below those that frames told. @param {State} state @param {any[]} rows @returns {State} */
export function mergeRatings(state, rows) {
  const told = rows.map((row) => ({ ...row, survey_id: row.id }));
  return { ...state, ratings: below(state.ratings, told, "survey_id") };
}

/** Records as `GET audit` tells them, below those that frames told. @param {State} state @param {any[]} rows @returns {State} */
export function mergeAudit(state, rows) {
  return { ...state, audit: below(state.audit, rows, "id") };
}

/**
 * @param {State} state
 * @param {number} id
 * @returns {Conversation | undefined}
 */
export function conversationOf(state, id) {
  return state.conversations.find((conversation) => conversation.id === id);
}

/** @type {(one: Conversation, other: Conversation) => number} */
export function newestFirst(one, other) {
  const [a, b] = [one.last_message_time ?? one.created_at, other.last_message_time ?? other.created_at];
  if (a !== b) return a < b ? 1 : -1;
  return other.id - one.id;
}

/** @type {(state: State, data: any) => State} */
function chatMessage(state, { conversation_id: id, contact, message }) {
  const next = state.messages[id] ? mergeMessages(state, id, [message]) : state;
  if (message.sender !== "customer") return next;
  const seen = sawContact(next, contact.id, message.created_at);
  return typing(seen, { ...silence, conversation_id: id, contact_id: -1 });
}

/** Its words or its file are others now; what quotes it quotes the new words. @type {(state: State, data: any) => State} */
function messageUpdated(state, { conversation_id: id, message: fresh }) {
  return withMessages(state, id, (message) => {
    if (message.id === fresh.id) return fresh;
    const { quoted } = message;
    return quoted?.id === fresh.id
      ? { ...message, quoted: { ...quoted, content: fresh.content.slice(0, QUOTED_CHARACTERS) } }
      : message;
  });
}

/** Who writes is here. @type {(state: State, id: number, moment: string) => State} */
function sawContact(state, id, moment) {
  const known = state.contacts[id];
  return known ? { ...state, contacts: { ...state.contacts, [id]: { ...known, last_seen_at: moment } } } : state;
}

/** A tombstone keeps its place; what quoted it quotes nothing now. @type {(state: State, data: any) => State} */
function messageDeleted(state, data) {
  const { message_id: gone, deleted_at, deleted_by } = data;
  const empty = { content: "", attachments: [], reactions: [], metadata: {}, deleted_by };
  const bury = (/** @type {Message} */ message) => ({
    ...message,
    ...empty,
    deleted_at: deleted_at ?? message.created_at,
  });
  return withMessages(state, data.conversation_id, (message) => {
    const { quoted } = message;
    if (message.id === gone) return bury(message);
    return quoted && quoted.id === gone ? { ...message, quoted: { ...quoted, content: "" } } : message;
  });
}

/** @type {(state: State, data: any) => State} */
function conversationUpdated(state, { previous, ...conversation }) {
  const { id } = conversation;
  const before = state.standings[id] ?? previous ?? null;
  const counts = recount(recount(state.counts, before, state.user.id, -1), conversation, state.user.id, 1);
  const standings = { ...state.standings, [id]: standing(conversation) };
  return { ...mergeConversations(state, [conversation]), counts, standings };
}

/** @param {{status: string, assignee_id: number | null}} conversation */
const standing = ({ status, assignee_id }) => ({ status, assignee_id });

/**
 * @param {State["counts"]} counts
 * @param {{status: string, assignee_id: number | null} | null | undefined} conversation
 * @param {number} me
 * @param {1 | -1} by
 */
function recount(counts, conversation, me, by) {
  if (!conversation) return counts;
  const next = { ...counts };
  const { status, assignee_id: owner } = conversation;
  if (status === "closed") return { ...next, closed: next.closed + by };
  next.open += by;
  if (status === "snoozed") next.snoozed += by;
  if (status === "waiting") next.waiting += by;
  if (owner === null) next.unassigned += by;
  if (owner === me) next.mine += by;
  return next;
}

/** A contact's name stands in conversations and on what they wrote. @type {(state: State, contact: any) => State} */
function contactChanged(state, contact) {
  const { id, phone, avatar_url } = contact;
  const name = contact.name || phone || contact.email || `#${id}`;
  const renamed = state.conversations.filter((conversation) => conversation.contact_id === id);
  const conversations = state.conversations.map((conversation) =>
    conversation.contact_id === id ? { ...conversation, contact: { id, name, phone, avatar_url } } : conversation,
  );
  const audit = state.audit.map((entry) =>
    entry.details.contact_id === id ? { ...entry, details: { ...entry.details, contact_name: name } } : entry,
  );
  const next = { ...state, conversations, audit, contacts: { ...state.contacts, [id]: contact } };
  const by = (/** @type {any} */ said) =>
    said?.sender === "customer" && said.author ? { ...said, author: { ...said.author, name, avatar_url } } : said;
  return renamed.reduce(
    (after, { id: where }) => withMessages(after, where, (message) => ({ ...by(message), quoted: by(message.quoted) })),
    next,
  );
}

/** @type {(state: State, data: any) => State} */
function csatUpdate(state, data) {
  const csat = { rating: data.rating, feedback: data.feedback };
  const conversations = state.conversations.map((known) =>
    known.id === data.conversation_id ? { ...known, csat } : known,
  );
  return { ...state, conversations, ratings: onTop(state.ratings, data, "survey_id") };
}

const SHELVES = /** @type {const} */ ({ inbox: "inboxes", team: "teams", label: "labels", user: "agents" });

/** Presence is `user_status`'s: a colleague keeps the one that is known. @type {(state: State, data: any) => State} */
function directoryUpdated(state, { kind, id, item }) {
  if (!Object.hasOwn(SHELVES, kind)) return state;
  const shelf = SHELVES[/** @type {keyof typeof SHELVES} */ (kind)];
  /** @type {any[]} */
  const rows = state[shelf];
  const known = rows.find((row) => row.id === id);
  const presence = known ? { status: known.status, last_seen: known.last_seen } : { status: "offline" };
  const fresh = kind === "user" ? { ...item, ...presence } : item;
  const next = [...rows.filter((row) => row.id !== id), ...(item ? [fresh] : [])].sort((a, b) => a.id - b.id);
  const after = { ...state, [shelf]: next };
  if (kind === "inbox" && !item) return { ...after, sessions: without(after.sessions, id) };
  return kind === "user" && item ? renamed(after, item) : after;
}

/** An inbox out of use has no session any more. @type {(sessions: State["sessions"], id: number) => State["sessions"]} */
function without(sessions, id) {
  const { [id]: _gone, ...others } = sessions;
  return others;
}

/** A colleague's name stands on what they wrote; one's own also at the top. @type {(state: State, agent: any) => State} */
function renamed(state, { id, name, avatar_url, role }) {
  const by = (/** @type {any} */ said) =>
    said?.sender === "agent" && said.author?.id === id
      ? { ...said, author: { ...said.author, name, avatar_url } }
      : said;
  const user = state.user.id === id ? { ...state.user, name, avatar_url, role } : state.user;
  return Object.keys(state.messages).reduce(
    (after, where) => withMessages(after, Number(where), (message) => ({ ...by(message), quoted: by(message.quoted) })),
    { ...state, user },
  );
}

/** @type {(state: State, data: any) => State} */
function userStatus(state, { user_id, status, last_seen }) {
  const agents = state.agents.map((agent) => (agent.id === user_id ? { ...agent, status, last_seen } : agent));
  return { ...state, agents };
}

/** @type {(state: State, data: any) => State} */
function contactStatus(state, { contact_id: id, status }) {
  const { [id]: _gone, ...others } = state.online;
  return { ...state, online: status === "online" ? { ...others, [id]: true } : others };
}

/** @type {(state: State, data: any) => State} */
function contactsOnline(state, { contact_ids: ids }) {
  return { ...state, online: Object.fromEntries(ids.map((/** @type {number} */ id) => [id, true])) };
}

const silence = { user_id: null, contact_id: null, is_typing: false, preview: null };

/** What we type ourselves is no news. A contact's id is not compared: a conversation has one contact. @type {(state: State, data: any) => State} */
function typing(state, { conversation_id: id, user_id, contact_id, is_typing, preview }) {
  if (user_id === state.user.id) return state;
  const known = state.typing[id] ?? [];
  const others = known.filter((writer) => writer.user_id !== user_id);
  if (!is_typing && others.length === known.length) return state;
  const writers = is_typing ? [...others, { user_id, contact_id, preview: preview ?? null }] : others;
  return { ...state, typing: { ...state.typing, [id]: writers } };
}

/**
 * @param {State} state
 * @param {{conversation_id: number, message_id: number}} where
 * @param {(message: Message) => Message} change
 * @returns {State}
 */
function withMessage(state, where, change) {
  return withMessages(state, where.conversation_id, (message) =>
    message.id === where.message_id ? change(message) : message,
  );
}

/**
 * @param {State} state
 * @param {number} conversationId
 * @param {(message: Message) => Message} change
 * @returns {State}
 */
function withMessages(state, conversationId, change) {
  const list = state.messages[conversationId];
  return list ? { ...state, messages: { ...state.messages, [conversationId]: list.map(change) } } : state;
}

/** A delivery state only rises; `failed` only if it was not delivered, and from there back to `pending` by a new try. @type {(message: Message, told: any) => Message} */
function moveStatus(message, { status, error, failure }) {
  const now = RANK[message.status];
  const rises = status === "failed" ? now < RANK.delivered : RANK[/** @type {Message["status"]} */ (status)] > now;
  const anew = message.status === "failed" && status === "pending";
  return rises || anew ? { ...message, status, error: error ?? "", failure: failure ?? null } : message;
}

/** @type {(message: Message, data: any) => Message} */
function react(message, { reaction, user_id, contact_id }) {
  const others = message.reactions.filter((one) => one.user_id !== user_id || one.contact_id !== contact_id);
  return { ...message, reactions: reaction ? [...others, { reaction, user_id, contact_id }] : others };
}

/**
 * @template {Record<string, any>} T
 * @param {T[]} list
 * @param {T} item
 * @param {string} key
 * @returns {T[]}
 */
function onTop(list, item, key) {
  return [item, ...list.filter((known) => known[key] !== item[key])].slice(0, KEPT);
}

/**
 * @template {Record<string, any>} T
 * @param {T[]} list
 * @param {T[]} older
 * @param {string} key
 * @returns {T[]}
 */
function below(list, older, key) {
  const known = new Set(list.map((item) => item[key]));
  return [...list, ...older.filter((item) => !known.has(item[key]))].slice(0, KEPT);
}
