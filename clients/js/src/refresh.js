/**
 * When a list is fetched anew: one fetch at a time, and one after it for all who asked meanwhile; soon again after one that
 * failed for now only; and every so often while no socket keeps the list up to date, or the last fetch failed.
 */
import { exponential } from "./presets.js";

/** @typedef {import("./rest.js").Refusal} Refusal */

const soonMs = exponential(1_000, 32_000);
/** The part of a wait that chance takes off. */
const JITTER = 0.5;

export class Refresh {
  /** Why the last fetch failed. @type {Refusal | null} */ problem = null;
  /** @type {Promise<void> | null} */ #running = null;
  /** @type {Promise<void> | null} */ #next = null;
  /** What failed since the fetch that is under way began. @type {Refusal | null} */ #failed = null;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #soon;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #beat;

  /**
   * @param {() => Promise<unknown>} fetch  never rejects: what fails is told by `failed`
   * @param {(problem: Refusal | null) => void} show
   * @param {() => number} [random]
   */
  constructor(fetch, show, random = Math.random) {
    this.fetch = fetch;
    this.show = show;
    this.random = random;
  }

  /** Fetch, and again every `everyMs` while it is not `isLive`. @param {number} everyMs @param {() => boolean} isLive */
  start(everyMs, isLive) {
    this.#beat = setInterval(() => (isLive() && !this.problem) || this.now(), everyMs);
    this.now();
  }

  stop() {
    clearTimeout(this.#soon);
    clearInterval(this.#beat);
    this.#beat = undefined;
  }

  /** @returns {Promise<void>} kept when a fetch is over that began no earlier than this call */
  now() {
    if (this.#running) this.#next ??= this.#running.then(() => this.#begin());
    return this.#next ?? this.#begin();
  }

  /** Something could not be fetched. @param {Refusal} problem */
  failed(problem) {
    this.#failed ??= problem;
    if (this.#running) this.show(problem);
    else this.#end();
  }

  /** Something else was fetched: what will not be tried again is said no longer. */
  succeeded() {
    if (this.#running || !this.problem || this.problem.passing) return;
    this.problem = null;
    this.show(null);
  }

  #begin() {
    clearTimeout(this.#soon);
    this.#next = null;
    this.#failed = null;
    this.#running = this.fetch().then(() => {
      this.#running = null;
      this.#end();
    });
    return this.#running;
  }

  #end() {
    const problem = this.#failed;
    this.#failed = null;
    this.problem = problem;
    this.show(problem);
    this.#failures = problem ? this.#failures + 1 : 0;
    clearTimeout(this.#soon);
    if (!problem?.passing || !this.#beat) return;
    const waitMs = Math.max(problem.retryAfterMs, soonMs(this.#failures) * (1 - JITTER * this.random()));
    this.#soon = setTimeout(() => this.now(), waitMs);
  }
}
