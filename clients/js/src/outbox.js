/**
 * Commands on their way: in order, each answered once. What was not answered when a socket broke goes again over the next
 * one; the server knows a repeated message by its `client_message_id`. A message waits for the answer to the one before,
 * so that one which has to be repeated is not overtaken.
 */
import { Refusal } from "./rest.js";

/**
 * @typedef {object} Entry
 * @property {Record<string, any>} frame
 * @property {number} sent   when, over the socket that is open now; 0: not yet
 * @property {(data: any) => void} resolve
 * @property {(problem: Refusal) => void} reject
 */

/** The server takes no larger frame, and would end the connection over it, again and again. */
const FRAME_MOST = 64 * 1024;
const LIMIT = 100;
/** Whoever answers nothing for so long will not. */
const ANSWER_MS = 30_000;
/** Refused for now only. */
const PASSING = ["UNAVAILABLE", "RATE_LIMITED"];

let last = 0;

export class Outbox {
  /** @type {Entry[]} */ #entries = [];
  #open = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #pause;

  /**
   * @param {(frame: Record<string, any>) => void} transmit
   * @param {(problem: {code: string, error: string}) => void} refused  hears of what was not even taken
   * @param {number} [limit]
   */
  constructor(transmit, refused, limit = LIMIT) {
    this.transmit = transmit;
    this.refused = refused;
    this.limit = limit;
  }

  get size() {
    return this.#entries.length;
  }

  /** Whether the server is alive, but not for us. */
  get isStuck() {
    return this.#entries.some(({ sent }) => sent && Date.now() - sent > ANSWER_MS);
  }

  /** Whether such a command waits. @param {string} type @param {number | string} id */
  has(type, id) {
    return this.#entries.some(({ frame }) => frame.type === type && frame.conversation_id === id);
  }

  /** Forget such commands. @param {string} type @param {number | string} id */
  cancel(type, id) {
    this.#entries = this.#entries.filter(({ frame, reject }) => {
      const meant = frame.type === type && frame.conversation_id === id;
      if (meant) reject(new Refusal("CANCELLED"));
      return !meant;
    });
  }

  /** Send it as soon as it can be; the promise is its answer. @param {Record<string, any>} command @returns {Promise<any>} */
  add(command) {
    const frame = { ...command, request_id: command.request_id ?? `n${++last}` };
    if (this.size >= this.limit) return this.#refuse("QUEUE_FULL", `${this.limit} frames wait already.`);
    if (new TextEncoder().encode(JSON.stringify(frame)).length > FRAME_MOST)
      return this.#refuse("TOO_LARGE", `At most ${FRAME_MOST} bytes.`);
    const answer = new Promise((resolve, reject) => this.#entries.push({ frame, sent: 0, resolve, reject }));
    answer.catch(() => {}); // Whoever doesn't wait for the answer hears of it by `error`.
    this.#flush();
    return answer;
  }

  /** A new socket is ready. */
  start() {
    this.#open = true;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    for (const entry of this.#entries) entry.sent = 0;
    this.#flush();
  }

  /** The socket is gone; what was not answered waits for the next one. */
  stop() {
    this.#open = false;
    clearTimeout(this.#pause);
  }

  /** There will be no next one. @param {string} code @param {string} detail */
  clear(code, detail) {
    this.stop();
    for (const { frame, reject } of this.#entries.splice(0))
      reject(Object.assign(new Refusal(code, detail), { frame }));
  }

  /** An answer has come, if it is one of ours. @param {import("./frames.js").Frame} answer */
  answered({ type, data }) {
    const index = this.#entries.findIndex((entry) => entry.sent && entry.frame.request_id === data.request_id);
    if (index < 0) return;
    const entry = this.#entries[index];
    if (type === "error" && PASSING.includes(data.code)) return this.#later(entry, data.retry_after);
    this.#entries.splice(index, 1);
    if (type === "error") entry.reject(Object.assign(refusal(data), { frame: entry.frame, answered: true }));
    else entry.resolve(data);
    this.#flush();
  }

  /** @param {Entry} entry @param {number | null} seconds */
  #later(entry, seconds) {
    entry.sent = 0;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(
      () => {
        this.#pause = undefined;
        this.#flush();
      },
      (seconds ?? 1) * 1_000,
    );
  }

  /** Aloud: whoever does not catch this sees it on the console. @param {string} code @param {string} error */
  #refuse(code, error) {
    this.refused({ code, error });
    return Promise.reject(new Refusal(code, error));
  }

  #flush() {
    if (!this.#open || this.#pause) return;
    let busy = false;
    for (const entry of this.#entries) {
      const isMessage = entry.frame.type === "message";
      if (!entry.sent && isMessage && busy) return;
      if (!entry.sent) {
        entry.sent = Date.now();
        this.transmit(entry.frame);
      }
      busy ||= isMessage;
    }
  }
}

/** @param {any} data of an `error` frame */
const refusal = ({ code, error, attr, retry_after }) =>
  new Refusal(code, error, { attr, retryAfterMs: (retry_after ?? 0) * 1_000 });
