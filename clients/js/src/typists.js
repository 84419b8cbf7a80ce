/** Who types: that we do is told now and then, and somebody who went away while writing writes no more. */

const ENDS_MS = 6_000;
/** A repeat within this time tells nobody anything new. */
const AGAIN_MS = 3_000;

export class Typists {
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */ #others = new Map();
  #toldAt = 0;

  /** @param {(frame: {type: string, data: any}) => void} silent @param {(id: number, isTyping: boolean) => void} tell */
  constructor(silent, tell) {
    this.silent = silent;
    this.tell = tell;
  }

  /** Somebody else types, for all we know. @param {any} data */
  hear(data) {
    const key = `${data.conversation_id} ${data.user_id}`;
    clearTimeout(this.#others.get(key));
    if (!data.is_typing) return this.#others.delete(key);
    const end = () => this.silent({ type: "typing", data: { ...data, is_typing: false } });
    this.#others.set(key, setTimeout(end, ENDS_MS));
  }

  /** We type, or have stopped. @param {number | null} id @param {boolean} isTyping */
  say(id, isTyping) {
    const now = Date.now();
    if (id === null || (isTyping ? now - this.#toldAt < AGAIN_MS : !this.#toldAt)) return;
    this.#toldAt = isTyping ? now : 0;
    this.tell(id, isTyping);
  }

  stop() {
    for (const timer of this.#others.values()) clearTimeout(timer);
    this.#others.clear();
  }
}
