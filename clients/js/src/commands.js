/** What a client says, in its own words and in those of the documents whose users come here. */
import { Emitter } from "./emitter.js";
import { newId, Outbox } from "./outbox.js";

/**
 * @typedef {number | string} Id
 * @typedef {import("./frames.js").Sent} Sent
 * @typedef {import("./frames.js").Frame} Frame
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

  /** @param {Id} conversationId @param {boolean} [isTyping] */
  sendTyping(conversationId, isTyping = true) {
    this.whisper({ type: "typing", conversation_id: conversationId, is_typing: isTyping });
  }

  /** @param {Id} conversationId */
  startTyping(conversationId) {
    this.sendTyping(conversationId, true);
  }

  /** @param {Id} conversationId */
  stopTyping(conversationId) {
    this.sendTyping(conversationId, false);
  }

  /** Everything up to this message (or at all) has been read. @param {Id} conversationId @param {Id} [messageId] */
  markAsRead(conversationId, messageId) {
    return this.queue.add({ type: "read", conversation_id: conversationId, message_id: messageId });
  }

  /** React to a message, or take the reaction back (`""`). @param {Id} messageId @param {string} reaction */
  react(messageId, reaction) {
    return this.queue.add({ type: "react", message_id: messageId, reaction });
  }

  /** @param {Id} messageId */
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

  /** @param {Id} conversationId */
  leaveConversation(conversationId) {
    this.joined.delete(conversationId);
    this.queue.cancel(isJoin(conversationId));
    this.whisper({ type: "leave", conversation_id: conversationId });
  }

  /** @param {import("./frames.js").Presence} status */
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
   * @returns {Promise<any>} its answer
   */
  send(type, data) {
    return this.queue.add(typeof type === "object" ? type : { ...data, type });
  }

  /** @param {import("./frames.js").Hears<"chat_message">} listener */
  onNewMessage(listener) {
    return this.on("chat_message", listener);
  }

  /** @param {import("./frames.js").Hears<"message_status">} listener */
  onMessageStatus(listener) {
    return this.on("message_status", listener);
  }

  /** @param {import("./frames.js").Hears<"typing">} listener */
  onTyping(listener) {
    return this.on("typing", listener);
  }
}

/** @param {Id} id @returns {(frame: Record<string, any>) => boolean} */
const isJoin = (id) => (frame) => frame.type === "join" && frame.conversation_id === id;
