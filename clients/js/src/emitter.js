/** Who listens to what. */

/** @typedef {(data: any, frame: import("./frames.js").Frame) => void} Listener */

export class Emitter {
  /** Listeners by type, and whether each is heard once only. @type {Map<string, Map<Listener, boolean>>} */
  #heard = new Map();

  /**
   * Hear every event of a type, or every event at all (`"*"`, which is given the whole frame). Answers with its removal.
   * @template {import("./frames.js").EventType} T
   * @param {T} type
   * @param {import("./frames.js").Hears<T>} listener
   * @returns {() => void}
   */
  on(type, listener) {
    return this.#listen(type, listener, false);
  }

  /**
   * Hear the next event of a type only.
   * @template {import("./frames.js").EventType} T
   * @param {T} type
   * @param {import("./frames.js").Hears<T>} listener
   * @returns {() => void}
   */
  once(type, listener) {
    return this.#listen(type, listener, true);
  }

  /** Hear a type no more: by this listener, or by none where none is named. @param {string} type @param {Function} [listener] */
  off(type, listener) {
    if (listener) this.#heard.get(type)?.delete(/** @type {Listener} */ (listener));
    else this.#heard.delete(type);
  }

  /**
   * Tell everyone who listens. One who throws keeps nobody else from hearing; the error is thrown again by itself.
   * @param {string} type
   * @param {any} [data]
   * @param {import("./frames.js").Frame} [frame]
   */
  emit(type, data, frame = { type, data }) {
    this.#tell(type, data, frame);
    this.#tell("*", frame, frame);
  }

  /** @param {string} type @param {any} told @param {import("./frames.js").Frame} frame */
  #tell(type, told, frame) {
    for (const [listener, once] of [...(this.#heard.get(type) ?? [])]) {
      if (once) this.off(type, listener);
      guarded(() => listener(told, frame));
    }
  }

  /** @param {string} type @param {any} listener @param {boolean} once */
  #listen(type, listener, once) {
    const listeners = this.#heard.get(type) ?? new Map();
    this.#heard.set(type, listeners.set(listener, once));
    return () => this.off(type, listener);
  }
}

/** Call what others wrote: their mistake is theirs to see, as an uncaught error, and stops nothing here. @param {() => void} call */
export function guarded(call) {
  try {
    call();
  } catch (problem) {
    setTimeout(() => {
      throw problem;
    }, 0);
  }
}
