/** Messages on their way. */
import { newId } from "./outbox.js";

/** @typedef {import("./frames.js").Message} Message */

let drafts = 0;

/** The message as it is shown until it is stored; its `id` is below 0. @param {number} id @param {string} content @param {import("./commands.js").Extras} [extras] @returns {Message} */
export function draftOf(id, content, extras = {}) {
  const created_at = new Date().toISOString();
  return /** @type {Message} */ ({
    ...{ id: -++drafts, conversation_id: id, content, created_at, timestamp: created_at },
    ...{ sender: "agent", sender_type: "agent", author: null, status: "pending", error: "", failure: null },
    ...{
      reply_to: null,
      quoted: null,
      attachments: [],
      reactions: [],
      metadata: {},
      deleted_at: null,
      deleted_by: null,
    },
    message_type: extras.message_type ?? "text",
    private: extras.private ?? false,
    client_message_id: extras.client_message_id ?? newId(),
  });
}

/**
 * By the socket; while it is down by REST; while that is down too, as soon as there is a socket. The server knows a repeat.
 * @param {import("./client.js").NioChatClient} client
 * @param {number} id
 * @param {Record<string, any>} message
 * @returns {Promise<Message | undefined>} as it was stored, where no event will tell
 */
export async function deliver(client, id, message) {
  const bySocket = () =>
    client.sendMessage(/** @type {any} */ ({ conversation_id: id, ...message })).then(() => undefined);
  if (client.isConnected()) return bySocket();
  try {
    return await client.rest.request("POST", `conversations/${id}/messages`, { body: message });
  } catch (problem) {
    if (!(/** @type {import("./rest.js").Refusal} */ (problem).passing)) throw problem;
    return bySocket();
  }
}
