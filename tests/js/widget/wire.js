const NOON = "2026-11-21T12:00:00.000000Z";

/**
 * A message as the wire has it.
 *
 * @param {number} id
 * @param {Record<string, any>} [fields]
 */
export function wire(id, fields = {}) {
  return {
    id,
    conversation_id: 1,
    sender_type: "agent",
    author: { id: null, name: "Ana", avatar_url: "" },
    content: `m${id}`,
    status: "sent",
    client_message_id: "",
    quoted: null,
    attachments: [],
    reactions: [],
    created_at: NOON,
    deleted_at: null,
    ...fields,
  };
}

/** @param {string} id */
export function own(id, content = "oi") {
  return { client_message_id: id, content, attachments: [], created_at: NOON };
}

/** @param {string} type @param {Record<string, any>} data */
export const frame = (type, data) => ({ type, data });
/** @param {Record<string, any>} message */
export const said = (message) => frame("chat_message", { conversation_id: 1, message });
/** @param {import("../../../conversations/static/conversations/widget/types.js").Thread} thread */
export const contents = (thread) => thread.messages.map(({ content }) => content);
