const WITHOUT_CRYPTO = 1e16;

/** A name for a message, chosen before it is sent, so that sending it twice stores it once. */
export function newMessageId() {
  const random = globalThis.crypto?.randomUUID?.();
  return random ?? `w${Date.now().toString(36)}${Math.floor(Math.random() * WITHOUT_CRYPTO).toString(36)}`;
}

/**
 * What the visitor wrote and the server has not confirmed, in the order of writing. It outlives a reload of the page, not
 * the tab; each tab has its own.
 */
export class Outbox {
  /** @param {import("./storage.js").Corner} corner */
  constructor(corner) {
    this.corner = corner;
    /** @type {import("./types.js").Outgoing[]} */
    this.waiting = corner.get("outbox") ?? [];
  }

  /** @param {import("./types.js").Outgoing} message */
  put(message) {
    this.waiting = [...this.waiting, message];
    this.save();
  }

  /**
   * @param {string} id
   * @returns {boolean} whether it was waiting here
   */
  confirm(id) {
    const left = this.waiting.filter((message) => message.client_message_id !== id);
    const found = left.length < this.waiting.length;
    this.waiting = left;
    this.save();
    return found;
  }

  /**
   * The server refused it: it stays in view, and goes again only when the visitor says so.
   *
   * @param {string} id
   * @param {string} code
   */
  refuse(id, code) {
    this.change(id, { failed: code });
  }

  /** @param {string} id */
  retry(id) {
    this.change(id, { failed: undefined });
  }

  /** Those that go out when the connection stands. */
  get due() {
    return this.waiting.filter((message) => !message.failed);
  }

  /**
   * @param {string} id
   * @param {Partial<import("./types.js").Outgoing>} what
   */
  change(id, what) {
    this.waiting = this.waiting.map((message) =>
      message.client_message_id === id ? { ...message, ...what } : message,
    );
    this.save();
  }

  clear() {
    this.waiting = [];
    this.save();
  }

  save() {
    this.corner.set("outbox", this.waiting.length ? this.waiting : null);
  }
}
