/**
 * The socket, read so that the application sees every kept frame once and in order, whatever breaks meanwhile.
 *
 * A client's rule: `seq <= cursor` is dropped, `cursor + 1` is applied and then remembered, anything beyond asks for a
 * `resume` from the cursor. `resync` (or another epoch, or a stream that we have no state for) asks for a snapshot; frames
 * that come meanwhile wait. Knows nothing of the page: the application lends `apply`, `snapshot` and `onState`.
 *
 * @typedef {import("./types.d.ts").Frame} Frame
 * @typedef {"disconnected" | "connecting" | "connected" | "reconnecting"} FeedState
 * @typedef {{epoch: string, cursors: Record<string, number>}} Position
 * @typedef {object} Options
 * @property {string} url
 * @property {(frame: Frame) => void} apply       draws one frame into the application's state
 * @property {() => Promise<Position>} snapshot   replaces the application's state, and says where it stands
 * @property {(state: FeedState, detail: {retryAt?: number, reason?: string}) => void} [onState]
 * @property {(url: string) => WebSocket} [connect]
 * @property {() => number} [random]
 */

/** Full jitter under these ceilings; after a restart of the server everybody comes back at once, so the widest. */
const CEILINGS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const CROWDED = new Set([1012, 1013, 4429]);
/** Codes after which coming back is useless: the caller is told the reason. */
const FINAL = new Set([4400, 4403]);
const QUEUE_LIMIT = 100;
const SILENCE_MS = 10_000;

export class Feed {
  /** The connection's own frames, and who takes them. @type {Record<string, (feed: Feed, data: any) => void>} */
  static #own = {
    connected: (feed, data) => feed.#connected(data),
    heartbeat: (feed, data) => feed.#position(data),
    pong: (feed, data) => feed.#position(data),
    resumed: (feed, data) => feed.#resumed(data),
    resync: (feed) => feed.#resync(),
    error: (feed, data) => feed.#error(data),
  };

  /** @type {WebSocket | null} */ #socket = null;
  /** @type {Frame[] | null} frames that wait for a snapshot; null: none is under way */ #held = null;
  /** @type {string[]} */ #queue = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #watch;
  #attempts = 0;
  /** When a resume was asked for, until it is answered; 0: we are live. */ #resumingSince = 0;
  #heartbeatMs = 25_000;
  #lastCode = "";

  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {FeedState} */ this.state = "disconnected";
    this.epoch = "";
    /** @type {Record<string, number>} */ this.cursors = {};
  }

  /** Begin at a snapshot's position. @param {Position} position */
  start({ epoch, cursors }) {
    this.place({ epoch, cursors });
    if (this.state === "disconnected") this.#open("connecting");
  }

  /** Go on from another position, because the application's state was replaced. @param {Position} position */
  place({ epoch, cursors }) {
    this.epoch = epoch;
    this.cursors = { ...cursors };
  }

  /** Close for good; `start` begins again. @param {string} [reason] */
  stop(reason = "stopped") {
    clearTimeout(this.#retry);
    this.#drop();
    this.#enter("disconnected", { reason });
  }

  /** Don't wait for the next attempt. */
  retryNow() {
    if (this.state !== "reconnecting" || this.#socket) return;
    clearTimeout(this.#retry);
    this.#open("reconnecting");
  }

  /** Ask for a sign of life now: after a sleep or a change of network a dead socket may look open. */
  probe() {
    if (this.state !== "connected") return this.retryNow();
    this.send({ type: "ping" });
    this.#expectLife(SILENCE_MS / 2);
  }

  /** Send a frame, or keep it until the socket is back. Answers false when too many wait. @param {Record<string, any>} frame */
  send(frame) {
    const text = JSON.stringify(frame);
    if (this.state === "connected") this.#socket?.send(text);
    else if (this.#queue.length >= QUEUE_LIMIT) return false;
    else this.#queue.push(text);
    return true;
  }

  /** Send a frame that only makes sense now (typing): while disconnected it is forgotten. @param {Record<string, any>} frame */
  whisper(frame) {
    if (this.state === "connected") this.send(frame);
  }

  /** @param {"connecting" | "reconnecting"} state */
  #open(state) {
    this.#enter(state, {});
    this.#lastCode = "";
    const connect = this.options.connect ?? ((url) => new WebSocket(url));
    const socket = connect(this.options.url);
    this.#socket = socket;
    socket.onmessage = (event) => socket === this.#socket && this.#receive(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
    this.#expectLife(SILENCE_MS * 2);
  }

  /** @param {Frame} frame */
  #receive(frame) {
    this.#expectLife(this.#heartbeatMs + SILENCE_MS);
    const own = Feed.#own[frame.type];
    if (own) own(this, frame.data);
    else if (this.#held && frame.stream) this.#held.push(frame);
    else this.#order(frame);
  }

  /** @param {Frame} frame */
  #order(frame) {
    const { stream, seq } = frame;
    if (!stream || seq === undefined) return this.options.apply(frame);
    const cursor = this.cursors[stream] ?? 0;
    if (seq <= cursor) return;
    if (seq > cursor + 1) return this.#resume();
    this.options.apply(frame);
    this.cursors[stream] = seq;
  }

  /** @param {{epoch: string, cursors: Record<string, number>, heartbeat: number}} data */
  #connected(data) {
    this.#resumingSince = 0;
    this.#heartbeatMs = data.heartbeat * 1000;
    this.#enter("connected", {});
    for (const text of this.#queue.splice(0)) this.#socket?.send(text);
    const unknown = Object.keys(data.cursors).some((stream) => !(stream in this.cursors));
    if (data.epoch !== this.epoch || unknown) this.#resync();
    else this.#position(data);
  }

  /** The server says how far it is: if that is beyond us, something was lost. @param {{cursors?: Record<string, number>}} data */
  #position({ cursors = {} }) {
    const behind = Object.entries(cursors).some(([stream, head]) => head > (this.cursors[stream] ?? 0));
    if (!behind) this.#attempts = 0;
    else if (!this.#held) this.#resume();
  }

  /** @param {{cursors?: Record<string, number>}} data */
  #resumed(data) {
    this.#resumingSince = 0;
    this.#position(data);
  }

  /** Take a snapshot, then what came meanwhile; without one the socket is of no use. */
  async #resync() {
    if (this.#held) return;
    this.#held = [];
    const socket = this.#socket;
    try {
      const position = await this.options.snapshot();
      if (socket !== this.#socket) return;
      const held = this.#held;
      this.#held = null;
      this.#resumingSince = 0;
      this.place(position);
      for (const frame of held) this.#order(frame);
    } catch {
      if (socket !== this.#socket) return;
      this.#held = null;
      socket?.close(4000);
    }
  }

  /** @param {{code: string, request_id?: string}} data */
  #error(data) {
    this.#lastCode = data.code;
  }

  #resume() {
    if (Date.now() - this.#resumingSince < SILENCE_MS) return;
    this.#resumingSince = Date.now();
    this.send({ type: "resume", epoch: this.epoch, cursors: this.cursors });
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop();
    const scope = this.#lastCode.toUpperCase() === "SCOPE_CHANGED";
    if (FINAL.has(code) || (code === 4401 && !scope)) return this.#enter("disconnected", { reason: String(code) });
    if (scope) this.epoch = "";
    const ceiling = CROWDED.has(code)
      ? CEILINGS_MS.at(-1)
      : CEILINGS_MS[Math.min(this.#attempts, CEILINGS_MS.length - 1)];
    const delay = Math.round((this.options.random ?? Math.random)() * /** @type {number} */ (ceiling));
    this.#attempts += 1;
    this.#enter("reconnecting", { retryAt: Date.now() + delay });
    this.#retry = setTimeout(() => this.#open("reconnecting"), delay);
  }

  #drop() {
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    this.#held = null;
    this.#resumingSince = 0;
    if (socket && socket.readyState <= 1) socket.close();
  }

  /** Without a byte for so long the socket is taken for dead. @param {number} ms */
  #expectLife(ms) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#closed(1006), ms);
  }

  /** @param {FeedState} state @param {{retryAt?: number, reason?: string}} detail */
  #enter(state, detail) {
    this.state = state;
    this.options.onState?.(state, detail);
  }
}
