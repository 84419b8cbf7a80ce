/**
 * What REST tells of conversations, brought together with what frames tell meanwhile: an answer shows a moment between
 * request and arrival, so the frames of that time are applied once more after it.
 *
 * @typedef {import("./followed.js").Known} Known
 * @typedef {import("./frames.js").Conversation} Conversation
 * @typedef {import("./frames.js").Frame} Frame
 *
 * @typedef {object} Owner
 * @property {Known} known
 * @property {(change: {isLoading: boolean, error?: import("./rest.js").Refusal | null}) => void} show
 * @property {(known: Known) => void} draw
 */
import { apply, withMessages, withRows } from "./followed.js";

export class Pages {
  /** Of each request that is under way, the frames since it left. @type {Set<Frame[]>} */ #meanwhile = new Set();

  /** @param {import("./rest.js").Rest} rest @param {number} limit @param {Owner} owner */
  constructor(rest, limit, owner) {
    this.rest = rest;
    this.limit = limit;
    this.owner = owner;
  }

  /** @param {Frame} frame */
  hear(frame) {
    for (const frames of this.#meanwhile) frames.push(frame);
  }

  /** The first page in place of all that is known, but for what is open. */
  afresh() {
    return this.#ask(this.rest.conversations({ limit: this.limit }), (known, rows) => {
      const open = known.currentId === null ? undefined : known.rows[known.currentId];
      return withRows({ ...known, rows: {} }, open ? [open, ...rows] : rows);
    });
  }

  /** A page of those that fit. @param {{status?: string, search?: string, offset?: number}} query @returns {Promise<Conversation[]>} */
  async more(query) {
    const given = Object.entries(query).filter(([, value]) => value);
    const asked = this.rest.conversations({ limit: this.limit, ...Object.fromEntries(given) });
    return (await this.#ask(asked, withRows)) ?? [];
  }

  /** @param {number} id */
  one(id) {
    return this.#ask(this.rest.request("GET", `conversations/${id}`), (known, row) => withRows(known, [row]));
  }

  /** The newest messages, or those before one. @param {number} id @param {number} [before] a message's id */
  messages(id, before) {
    const asked = this.rest.messages(id, { limit: this.limit, before });
    return this.#ask(asked, (known, messages) => (known.currentId === id ? withMessages(known, messages) : known));
  }

  /**
   * @template T
   * @param {Promise<T>} asked
   * @param {(known: Known, answer: T) => Known} merge
   * @returns {Promise<T | undefined>} nothing where it failed; the error is shown
   */
  async #ask(asked, merge) {
    const { owner } = this;
    /** @type {Frame[]} */ const frames = [];
    this.#meanwhile.add(frames);
    owner.show({ isLoading: true });
    try {
      const answer = await asked;
      owner.draw(frames.reduce(apply, merge(owner.known, answer)));
      this.#settle(frames, null);
      return answer;
    } catch (problem) {
      this.#settle(frames, /** @type {import("./rest.js").Refusal} */ (problem));
    }
  }

  /** @param {Frame[]} frames @param {import("./rest.js").Refusal | null} error */
  #settle(frames, error) {
    this.#meanwhile.delete(frames);
    this.owner.show({ isLoading: this.#meanwhile.size > 0, error });
  }
}
