/**
 * Where we stand in each stream, so that every kept frame is applied once and in order.
 *
 * `seq <= cursor` is dropped, `cursor + 1` is applied and then remembered, anything beyond asks for a `resume` from the
 * cursor. What the server can't serve (`resync`, another epoch, a stream that we know nothing of, a hole that a resume does
 * not fill) needs a snapshot; frames that come meanwhile wait. Without a snapshot to take we go on from where the server
 * stands, and say `resync`.
 *
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").Position} Position
 * @typedef {Record<string, number>} Marks
 *
 * @typedef {object} Owner
 * @property {(frame: Frame) => void} apply
 * @property {(frame: Record<string, any>) => void} transmit
 * @property {(() => Promise<Position>) | null} snapshot   replaces the application's state, and says where it stands
 * @property {(streams: string[], at: Position) => void} lost   the application may have missed something in these
 * @property {(snapshot: Position) => void} drawn           the snapshot counts from here on
 * @property {() => void} settled                           we have all that the server has
 * @property {(problem: any) => void} stuck                 there was no snapshot
 * @property {() => void} save
 * @property {() => void} stranger                          somebody else has logged in
 */

/** A resume that was not answered for so long is asked for again. */
const PATIENCE_MS = 10_000;

export class Cursors {
  epoch = "";
  /** @type {Marks} */ cursors = {};
  /** Whose position it is. @type {number | null | undefined} */ user = undefined;
  /** Frames that wait for a snapshot; null: none is under way. @type {Frame[] | null} */ #held = null;
  /** When a resume was asked for, until it is answered; 0: we are live. */ #resumingSince = 0;

  /** @param {Owner} owner */
  constructor(owner) {
    this.owner = owner;
  }

  /** @returns {Position} */
  get position() {
    const { epoch, cursors, user } = this;
    return { epoch, cursors: { ...cursors }, user };
  }

  /** Go on from here: the application's state is this old. @param {Position} position */
  place({ epoch, cursors, user = this.user }) {
    this.epoch = epoch;
    this.cursors = { ...cursors };
    this.user = user;
  }

  /** Know nothing any more. */
  forget() {
    this.place({ epoch: "", cursors: {}, user: null });
  }

  /** The socket is gone, and with it what was asked of it. */
  drop() {
    this.#held = null;
    this.#resumingSince = 0;
  }

  /** A frame that is not the connection's own. @param {Frame} frame */
  take(frame) {
    if (this.#held && frame.stream) this.#held.push(frame);
    else this.#order(frame);
  }

  /** `connected` @param {Position & {user_id: number | null}} data */
  connected(data) {
    const { epoch, cursors, user_id: user } = data;
    const streams = Object.keys(cursors);
    this.#resumingSince = 0;
    const first = this.user === undefined && !this.epoch;
    const stranger = (this.user ?? user) !== user;
    this.user = user;
    if (stranger) this.owner.stranger();
    if (stranger || epoch !== this.epoch) this.cursors = {};
    const unknown = streams.filter((stream) => !(stream in this.cursors));
    if (unknown.length) this.#lose(unknown, data, first);
    this.heads(cursors);
  }

  /** The server says how far it is: if that is beyond us, something was lost. @param {Marks} [heads] */
  heads(heads = {}) {
    if (this.#held) return;
    if (this.#behind(heads).length) this.#resume();
    else this.owner.settled();
  }

  /** `resumed`: what a resume did not bring, nothing will. @param {{cursors?: Marks}} data */
  resumed({ cursors = {} }) {
    this.#resumingSince = 0;
    const missing = this.#behind(cursors);
    if (missing.length) this.#lose(missing, { epoch: this.epoch, cursors });
    else this.heads(cursors);
  }

  /** `resync` @param {{streams: string[]} & Position} data */
  resync(data) {
    this.#resumingSince = 0;
    this.#lose(data.streams, data, true);
  }

  /** @param {Marks} heads */
  #behind(heads) {
    return Object.keys(heads).filter((stream) => heads[stream] > (this.cursors[stream] ?? 0));
  }

  /** @param {Frame} frame */
  #order(frame) {
    const { stream, seq } = frame;
    if (!stream || seq === undefined) return this.owner.apply(frame);
    const cursor = this.cursors[stream] ?? 0;
    if (seq <= cursor) return;
    if (seq > cursor + 1) return this.#resume();
    this.cursors[stream] = seq;
    this.owner.apply(frame);
    this.owner.save();
  }

  #resume() {
    if (Math.abs(Date.now() - this.#resumingSince) < PATIENCE_MS) return;
    this.#resumingSince = Date.now();
    this.owner.transmit({ type: "resume", epoch: this.epoch, cursors: this.cursors });
  }

  /** @param {string[]} streams @param {Position} at where the server stands @param {boolean} [known] nobody has to be told */
  #lose(streams, at, known = false) {
    if (this.owner.snapshot) return this.#takeSnapshot(this.owner.snapshot);
    const cursors = at.epoch === this.epoch ? this.cursors : {};
    for (const stream of streams) cursors[stream] = at.cursors[stream] ?? 0;
    this.place({ epoch: at.epoch, cursors });
    this.owner.save();
    if (!known) this.owner.lost(streams, at);
  }

  /** Take a snapshot, then what came meanwhile. @param {() => Promise<Position>} snapshot */
  async #takeSnapshot(snapshot) {
    if (this.#held) return;
    /** @type {Frame[]} */ const held = [];
    this.#held = held;
    try {
      const drawn = await snapshot();
      if (held !== this.#held) return;
      this.#held = null;
      this.#resumingSince = 0;
      this.place({ ...drawn, user: this.user });
      this.owner.save();
      this.owner.drawn(drawn);
      for (const frame of held) this.#order(frame);
      if (!this.#resumingSince) this.owner.settled();
    } catch (problem) {
      if (held === this.#held) this.owner.stuck(problem);
    }
  }
}
