/**
 * The conversation as data. Every function takes a thread and gives the next one; nothing here knows the page or the wire.
 */

/** @returns {import("./types.js").Thread} */
export function emptyThread() {
  return {
    messages: [],
    status: null,
    conversationId: 0,
    teamRead: 0,
    ownRead: 0,
    typing: null,
    online: false,
    agents: [],
    survey: null,
    complete: true,
  };
}

/**
 * A message as the wire has it, in the shape that is drawn.
 *
 * @param {Record<string, any>} data
 * @returns {import("./types.js").Message}
 */
function fromWire(data) {
  const reactions = { customer: "", agent: "" };
  for (const { reaction, contact_id } of data.reactions) {
    reactions[contact_id === null ? "agent" : "customer"] = reaction;
  }
  const quoted = data.quoted && {
    content: data.quoted.content,
    author: data.quoted.author?.name ?? "",
    own: data.quoted.sender === "customer",
  };
  return {
    id: data.id,
    sender_type: data.sender_type,
    author: data.author,
    content: data.content,
    status: data.status,
    client_message_id: data.client_message_id,
    attachments: data.attachments,
    reactions,
    created_at: data.created_at,
    deleted: data.deleted_at !== null,
    quoted,
  };
}

/**
 * A message that waits in the outbox, drawn before the server knows of it.
 *
 * @param {import("./types.js").Outgoing} outgoing
 * @returns {import("./types.js").Message}
 */
function fromOutbox({ client_message_id, content, attachments, created_at, failed }) {
  return {
    id: null,
    sender_type: "contact",
    author: null,
    content,
    status: failed ? "failed" : "queued",
    client_message_id,
    attachments,
    reactions: { customer: "", agent: "" },
    created_at,
    deleted: false,
    quoted: null,
    refused: failed,
  };
}

/**
 * Stored messages join those that are here; of the same number the newer word wins. What was written here and is now
 * stored takes the place of its waiting line.
 *
 * @param {import("./types.js").Message[]} here
 * @param {import("./types.js").Message[]} stored
 */
export function merged(here, stored) {
  const byId = new Map([...here, ...stored].filter(({ id }) => id !== null).map((message) => [message.id, message]));
  const arrived = new Set(
    stored.filter(({ sender_type }) => sender_type === "contact").map((message) => message.client_message_id),
  );
  const waiting = here.filter(({ id, client_message_id }) => id === null && !arrived.has(client_message_id));
  const inOrder = [...byId.values()].sort((a, b) => Number(a.id) - Number(b.id));
  return [...inOrder, ...waiting];
}

/**
 * The thread with our own waiting messages as they stand now.
 *
 * @param {import("./types.js").Thread} thread
 * @param {import("./types.js").Outgoing[]} waiting
 * @returns {import("./types.js").Thread}
 */
export function withOutbox(thread, waiting) {
  const stored = thread.messages.filter(({ id }) => id !== null);
  const known = new Set(
    stored.filter(({ sender_type }) => sender_type === "contact").map((message) => message.client_message_id),
  );
  const drawn = waiting.filter(({ client_message_id }) => !known.has(client_message_id)).map(fromOutbox);
  return { ...thread, messages: [...stored, ...drawn] };
}

/**
 * What a fresh page loads. Older messages that were fetched before stay.
 *
 * @param {import("./types.js").Thread} thread
 * @param {Record<string, any>} snapshot
 * @returns {import("./types.js").Thread}
 */
export function fromSnapshot(thread, snapshot) {
  const { conversation, survey, messages } = snapshot;
  const waiting = thread.messages.filter(({ id }) => id === null);
  const oldest = messages[0]?.id ?? 0;
  const older = thread.messages.filter(({ id }) => id !== null && id < oldest);
  return {
    ...thread,
    messages: merged([...older, ...waiting], messages.map(fromWire)),
    status: conversation?.status ?? null,
    conversationId: conversation?.id ?? 0,
    teamRead: conversation?.team_read ?? 0,
    ownRead: Math.max(thread.ownRead, conversation?.own_read ?? 0),
    typing: null,
    online: snapshot.online,
    agents: snapshot.agents,
    survey,
    complete: older.length ? thread.complete : !snapshot.has_more,
  };
}

/**
 * @param {import("./types.js").Thread} thread
 * @param {Record<string, any>[]} messages
 * @param {boolean} complete
 * @returns {import("./types.js").Thread}
 */
export function withOlder(thread, messages, complete) {
  return { ...thread, messages: merged(messages.map(fromWire), thread.messages), complete };
}

/**
 * @param {import("./types.js").Thread} thread
 * @param {number} id
 * @param {(message: import("./types.js").Message) => import("./types.js").Message} change
 */
function changed(thread, id, change) {
  return { ...thread, messages: thread.messages.map((message) => (message.id === id ? change(message) : message)) };
}

/** @type {Record<string, (thread: import("./types.js").Thread, data: Record<string, any>) => import("./types.js").Thread>} */
const CHANGES = {
  chat_message: (thread, data) => ({
    ...thread,
    conversationId: data.conversation_id,
    status: thread.conversationId === data.conversation_id ? thread.status : "open",
    typing: data.message.sender_type === "contact" ? thread.typing : null,
    messages: merged(thread.messages, [fromWire(data.message)]),
  }),
  message_status: (thread, data) =>
    changed(thread, data.message_id, (message) => ({ ...message, status: data.status })),
  message_reaction: (thread, data) =>
    changed(thread, data.message_id, (message) => ({
      ...message,
      reactions: { ...message.reactions, [data.by]: data.reaction },
    })),
  message_deleted: (thread, data) =>
    changed(thread, data.message_id, (message) => ({ ...message, deleted: true, content: "", attachments: [] })),
  message_read: (thread, data) => ({ ...thread, teamRead: Math.max(thread.teamRead, data.message_id) }),
  conversation_updated: (thread, data) => ({
    ...thread,
    conversationId: data.conversation_id,
    status: data.status,
    survey: data.status === "closed" ? thread.survey : null,
  }),
  survey: (thread, data) => ({ ...thread, survey: { token: data.token, rating: null, feedback: "" } }),
  typing: (thread, data) => ({ ...thread, typing: data.is_typing ? data.agent : null }),
  agent_status: (thread, data) => ({ ...thread, online: data.online, agents: data.agents }),
};

/**
 * The thread after a frame; of an unknown type, the thread as it is.
 *
 * @param {import("./types.js").Thread} thread
 * @param {import("./types.js").Frame} frame
 * @returns {import("./types.js").Thread}
 */
export function apply(thread, frame) {
  return CHANGES[frame.type]?.(thread, frame.data) ?? thread;
}

/** @param {import("./types.js").Thread} thread */
export function unreadCount({ messages, ownRead }) {
  return messages.filter(
    ({ id, sender_type, deleted }) => sender_type !== "contact" && Number(id) > ownRead && !deleted,
  ).length;
}

/**
 * The newest message from the team, 0 when there is none: what `read` and `delivered` name.
 *
 * @param {import("./types.js").Thread} thread
 */
export function newestFromTeam({ messages }) {
  const theirs = messages.filter(({ sender_type, id }) => sender_type !== "contact" && id !== null);
  return Number(theirs.at(-1)?.id ?? 0);
}

const ONE_GROUP_MS = 3 * 60_000;

/**
 * Whether two messages that follow each other share a group of bubbles, with one name and one time.
 *
 * @param {import("./types.js").Message | undefined} earlier
 * @param {import("./types.js").Message | undefined} later
 */
export function sameGroup(earlier, later) {
  if (!earlier || !later || earlier.sender_type !== later.sender_type || earlier.author?.name !== later.author?.name) {
    return false;
  }
  return Date.parse(later.created_at) - Date.parse(earlier.created_at) < ONE_GROUP_MS;
}
