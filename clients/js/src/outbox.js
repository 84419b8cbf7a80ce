/**
 * Commands on their way: in order, each answered once. What was not answered when a socket broke goes again over the next
 * one; the server knows a repeated message by its `client_message_id`. A message waits for the answer to the one before,
 * so that one which has to be repeated is not overtaken.
 */
import { Refusal } from "./rest.js";

/**
 * @typedef {object} Entry
 * @property {Record<string, any>} frame
 * @property {0 | 1} control
 * @property {number} sent   when, over the socket that is open now; 0: not yet
 * @property {(data: any) => void} resolve
 * @property {(problem: Refusal) => void} reject
 */

/** The server takes no larger frame, and would end the connection over it, again and again. */
const FRAME_MOST = 64 * 1024;
const LIMIT = 100;
const ID_WORDS = 4;
/** Before a repeat, where the server does not say. */
const PAUSE_MS = 1_000;
/** Whoever answers nothing for so long will not. */
const ANSWER_MS = 30_000;
/** Refused for now only. */
const PASSING = ["UNAVAILABLE", "RATE_LIMITED"];

export class Outbox {
  /** @type {Entry[]} */ #entries = [];
  /** Told when another frame waits, or one less. */ changed = () => {};
  #open = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #pause;

  /**
   * @param {(frame: Record<string, any>) => void} transmit
   * @param {(problem: {code: string, error: string}) => void} refused  hears of what was not even taken
   */
  constructor(transmit, refused) {
    this.transmit = transmit;
    this.refused = refused;
  }

  /** The commands that wait, but for those about the connection. */
  get frames() {
    return this.#entries.filter(({ control }) => !control).map(({ frame }) => frame);
  }

  /** Whether the server is alive, but not for us. */
  get isStuck() {
    return this.#entries.some(({ sent }) => sent && Date.now() - sent > ANSWER_MS);
  }

  /** Whether such a command waits. @param {(frame: Record<string, any>) => boolean} meant */
  has(meant) {
    return this.#entries.some(({ frame }) => meant(frame));
  }

  /** Forget such commands. @param {(frame: Record<string, any>) => boolean} meant */
  cancel(meant) {
    this.#entries = this.#entries.filter(({ frame, reject }) => !meant(frame) || reject(new Refusal("CANCELLED")));
  }

  /**
   * Send it as soon as it can be; the promise is its answer.
   * @param {Record<string, any>} command
   * @param {0 | 1} [control]  1: it is about the connection itself, goes before the others, and is not counted
   * @returns {Promise<any>}
   */
  add(command, control = 0) {
    const frame = { ...command, request_id: command.request_id ?? newId() };
    if (!control && this.frames.length >= LIMIT) return this.#refuse("QUEUE_FULL", `${LIMIT} frames wait already.`);
    if (new Blob([JSON.stringify(frame)]).size > FRAME_MOST)
      return this.#refuse("TOO_LARGE", `At most ${FRAME_MOST} bytes.`);
    const answer = new Promise((resolve, reject) => this.#entries.push({ frame, control, sent: 0, resolve, reject }));
    this.#entries.sort((one, other) => other.control - one.control);
    answer.catch(() => {}); // Whoever doesn't wait for the answer hears of it by `error`.
    this.changed();
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

  /** There will be no next one. @param {string} code @param {string} [detail] */
  clear(code, detail) {
    this.stop();
    for (const { frame, reject } of this.#entries.splice(0)) reject(new Refusal(code, detail, { frame }));
    this.changed();
  }

  /** An answer has come, if it is one of ours. @param {import("./frames.js").Frame} answer */
  answered({ type, data }) {
    const index = this.#entries.findIndex((entry) => entry.sent && entry.frame.request_id === data.request_id);
    if (index < 0) return;
    const entry = this.#entries[index];
    const { frame } = entry;
    const { code, error, attr, retry_after } = data;
    const retryAfterMs = retry_after * 1_000 || 0;
    if (type === "error" && PASSING.includes(code)) return this.#later(entry, retryAfterMs);
    this.#entries.splice(index, 1);
    this.changed();
    if (type === "error") entry.reject(new Refusal(code, error, { attr, retryAfterMs, frame, answered: true }));
    else entry.resolve(data);
    this.#flush();
  }

  /** @param {Entry} entry @param {number} retryAfterMs */
  #later(entry, retryAfterMs) {
    entry.sent = 0;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#flush();
    }, retryAfterMs || PAUSE_MS);
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

/** Not `randomUUID`: a page without TLS has none. */
export function newId() {
  return crypto.getRandomValues(new Uint32Array(ID_WORDS)).join("-");
}
