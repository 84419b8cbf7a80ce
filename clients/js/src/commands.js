/** What a client says, in its own words and in those of the documents whose users come here. */
import { Emitter } from "./emitter.js";
import { newId, Outbox } from "./outbox.js";

/**
 * @typedef {number | string} Id
 * @typedef {import("./frames.js").Sent} Sent
 * @typedef {import("./frames.js").Frame} Frame
 *
 * @typedef {{type: string, request_id: string}} Done  the answer to a command that has no other
 *
 * @typedef {object} Extras
 * @property {string} [message_type]
 * @property {boolean} [private]  a note, which no customer sees
 * @property {Id} [reply_to]
 * @property {Id[]} [attachments]
 * @property {string} [client_message_id]  made here where none is given; the same one again sends nothing again
 */

export class Commands extends Emitter {
  /** @type {Set<Id>} conversations to join again after a break */ joined = new Set();

  /**
   * @param {(frame: Record<string, any>) => void} transmit
   * @param {(problem: {code: string, error: string}) => void} refused
   */
  constructor(transmit, refused) {
    super();
    /** Send what only makes sense now: without a connection it is forgotten. */
    this.whisper = transmit;
    /** @internal */
    this.queue = new Outbox(transmit, refused);
  }

  /** How many commands wait to be sent or answered. */
  get queued() {
    return this.queue.frames.length;
  }

  /** @internal The rooms that we were in before the break. */
  rejoin() {
    for (const id of this.joined) if (!this.queue.has(isJoin(id))) this.joinConversation(id);
  }

  /**
   * Write into a conversation. Stored once, however often it has to be sent.
   * @param {Id | ({conversation_id: Id, content: string} & Extras)} conversationId  or the whole message
   * @param {string | {text: string}} [content]
   * @param {Extras} [extras]
   * @returns {Promise<Sent>} Rejects with a Refusal; one with the code QUEUE_FULL has not been taken.
   */
  sendMessage(conversationId, content, extras) {
    const given = typeof conversationId === "object" ? conversationId : { conversation_id: conversationId, content };
    return this.queue.add({ client_message_id: newId(), ...given, ...extras, type: "message" });
  }

  /** Show that you write, or have stopped; while there is no connection it is forgotten. @param {Id} conversationId @param {boolean} [isTyping] */
  sendTyping(conversationId, isTyping = true) {
    this.whisper({ type: "typing", conversation_id: conversationId, is_typing: isTyping });
  }

  /** As `sendTyping(id, true)`. @param {Id} conversationId */
  startTyping(conversationId) {
    this.sendTyping(conversationId, true);
  }

  /** As `sendTyping(id, false)`. @param {Id} conversationId */
  stopTyping(conversationId) {
    this.sendTyping(conversationId, false);
  }

  /** Everything up to this message (or at all) has been read. @param {Id} conversationId @param {Id} [messageId] @returns {Promise<Done>} */
  markAsRead(conversationId, messageId) {
    return this.queue.add({ type: "read", conversation_id: conversationId, message_id: messageId });
  }

  /** React to a message, or take the reaction back (`""`). @param {Id} messageId @param {string} reaction @returns {Promise<Done>} */
  react(messageId, reaction) {
    return this.queue.add({ type: "react", message_id: messageId, reaction });
  }

  /** Take a message back; its place stays. @param {Id} messageId @returns {Promise<Done>} */
  deleteMessage(messageId) {
    return this.queue.add({ type: "delete", message_id: messageId });
  }

  /**
   * Hear who types and who looks on in a conversation; after a break it is joined again. Messages come without.
   * @param {Id} conversationId
   * @returns {Promise<{conversation_id: number, user_ids: number[]}>}
   */
  joinConversation(conversationId) {
    this.joined.add(conversationId);
    const joining = this.queue.add({ type: "join", conversation_id: conversationId }, 1);
    joining.catch(({ answered }) => answered && this.joined.delete(conversationId));
    return joining;
  }

  /** Hear no more who types and who looks on. @param {Id} conversationId */
  leaveConversation(conversationId) {
    this.joined.delete(conversationId);
    this.queue.cancel(isJoin(conversationId));
    this.whisper({ type: "leave", conversation_id: conversationId });
  }

  /** Be seen by colleagues as this. @param {import("./frames.js").Presence} status @returns {Promise<Done>} */
  setPresence(status) {
    return this.queue.add({ type: "presence", status }, 1);
  }

  /**
   * The messages (at most 100, oldest first) after the last one that is known.
   * @param {Id} conversationId
   * @param {Id} [lastMessageId]
   * @returns {Promise<import("./frames.js").ServerEvents["sync_data"]>}
   */
  sync(conversationId, lastMessageId = 0) {
    return this.queue.add({ type: "sync", conversation_id: conversationId, last_message_id: lastMessageId }, 1);
  }

  /**
   * Send any command: `send({type: "read", …})` or `send("read", {…})`.
   * @param {string | Record<string, any>} type
   * @param {Record<string, any>} [data]
   * @returns {Promise<Record<string, any>>} its answer
   */
  send(type, data) {
    return this.queue.add(typeof type === "object" ? type : { ...data, type });
  }

  /** As `on("chat_message", …)`. @param {import("./frames.js").Hears<"chat_message">} listener */
  onNewMessage(listener) {
    return this.on("chat_message", listener);
  }

  /** As `on("message_status", …)`. @param {import("./frames.js").Hears<"message_status">} listener */
  onMessageStatus(listener) {
    return this.on("message_status", listener);
  }

  /** As `on("typing", …)`. @param {import("./frames.js").Hears<"typing">} listener */
  onTyping(listener) {
    return this.on("typing", listener);
  }
}

/** @param {Id} id @returns {(frame: Record<string, any>) => boolean} */
const isJoin = (id) => (frame) => frame.type === "join" && frame.conversation_id === id;
