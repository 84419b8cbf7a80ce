/**
 * What REST tells of conversations, brought together with what frames tell meanwhile: an answer shows a moment between
 * request and arrival, so the frames of that time are applied once more after it. Of two answers about the same thing the
 * one that was asked for later counts, whichever comes first.
 *
 * @typedef {import("./followed.js").Known} Known
 * @typedef {import("./frames.js").Conversation} Conversation
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./rest.js").Refusal} Refusal
 *
 * @typedef {object} Owner
 * @property {Known} known
 * @property {(isLoading: boolean, failed?: Refusal) => void} settled   a request has left, or has come to its end
 * @property {(known: Known) => void} draw
 */
import { apply, withMessages, withRows } from "./followed.js";

export class Pages {
  /** Of each request that is under way, the frames since it left. @type {Set<Frame[]>} */ #meanwhile = new Set();
  #requests = 0;
  /** The request that told each conversation last. @type {Map<number, number>} */ #rowsFrom = new Map();
  /** The request that told each message last. @type {Map<number, number>} */ #messagesFrom = new Map();

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

  /** The first page in place of all that was known when it was asked for, but for what is open. */
  afresh() {
    return this.#ask(this.rest.conversations({ limit: this.limit }), (known, rows, nth) => {
      const later = (/** @type {Conversation} */ { id }) =>
        id === known.currentId || (this.#rowsFrom.get(id) ?? 0) > nth;
      const kept = Object.values(known.rows).filter(later);
      return withRows(withRows({ ...known, rows: {} }, kept), newest(this.#rowsFrom, nth, rows));
    });
  }

  /** A page of those that fit. @param {{status?: string, search?: string, offset?: number}} query @returns {Promise<Conversation[]>} */
  async more(query) {
    const given = Object.entries(query).filter(([, value]) => value);
    return (await this.#rows(this.rest.conversations({ limit: this.limit, ...Object.fromEntries(given) }))) ?? [];
  }

  /** @param {number} id */
  one(id) {
    return this.#rows(this.rest.request("GET", `conversations/${id}`).then((row) => [row]));
  }

  /** The newest messages, or those before one. @param {number} id @param {number} [before] a message's id */
  messages(id, before) {
    const asked = this.rest.messages(id, { limit: this.limit, before });
    return this.#ask(asked, (known, messages, nth) =>
      known.currentId === id ? withMessages(known, newest(this.#messagesFrom, nth, messages)) : known,
    );
  }

  /** @param {Promise<Conversation[]>} asked */
  #rows(asked) {
    return this.#ask(asked, (known, rows, nth) => withRows(known, newest(this.#rowsFrom, nth, rows)));
  }

  /**
   * @template T
   * @param {Promise<T>} asked
   * @param {(known: Known, answer: T, nth: number) => Known} merge
   * @returns {Promise<T | undefined>} nothing where it failed
   */
  async #ask(asked, merge) {
    const { owner } = this;
    const nth = ++this.#requests;
    /** @type {Frame[]} */ const frames = [];
    this.#meanwhile.add(frames);
    owner.settled(true);
    try {
      const answer = await asked;
      owner.draw(frames.reduce(apply, merge(owner.known, answer, nth)));
      this.#settle(frames);
      return answer;
    } catch (problem) {
      this.#settle(frames, /** @type {Refusal} */ (problem));
    }
  }

  /** @param {Frame[]} frames @param {Refusal} [failed] */
  #settle(frames, failed) {
    this.#meanwhile.delete(frames);
    this.owner.settled(this.#meanwhile.size > 0, failed);
  }
}

/**
 * Those of which no later request has told already.
 * @template {{id: number}} T
 * @param {Map<number, number>} from
 * @param {number} nth
 * @param {T[]} answer
 */
function newest(from, nth, answer) {
  const told = answer.filter(({ id }) => (from.get(id) ?? 0) <= nth);
  for (const { id } of told) from.set(id, nth);
  return told;
}
