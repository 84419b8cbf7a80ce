/**
 * One socket at a time: opened with a credential, watched for silence, replaced when it breaks. Knows nothing of what
 * frames mean, but for those about the connection itself.
 *
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").State} State
 * @typedef {import("./frames.js").StateDetail} StateDetail
 *
 * @typedef {object} Socket  as much of a WebSocket as is used here
 * @property {number} readyState
 * @property {(text: string) => void} send
 * @property {() => void} close
 * @property {any} onopen
 * @property {any} onmessage
 * @property {any} onerror
 * @property {any} onclose
 *
 * @typedef {new (url: string, protocols?: string[]) => Socket} SocketClass
 *
 * @typedef {object} Owner
 * @property {(frame: Frame) => void} frame
 * @property {(state: State, detail: StateDetail) => void} state
 * @property {(code: number, reason: string) => void} closed   a socket is gone
 * @property {() => void} changed                              our rights are others than they were
 * @property {() => Promise<boolean>} refused                  whether the credential is no good any more
 *
 * @typedef {object} Settings
 * @property {string} url
 * @property {import("./credentials.js").Credentials} credentials
 * @property {import("./presets.js").Policy | null} policy     null: don't come back
 * @property {"subprotocol" | "query" | "frame"} auth          how a token is shown
 * @property {number} pingMs                                   ask for a sign of life this often; 0: wait for the server's own
 * @property {SocketClass} WebSocket
 * @property {() => number} random
 */

/** Beyond the heartbeat that the server promised. */
const GRACE_MS = 10_000;
const HANDSHAKE_MS = 20_000;
const PROBE_MS = 5_000;
/** A token that was taken and ended at once is not renewed at once again. */
const RENEWED_LATELY_MS = 5_000;
/** After a restart everybody comes back at the same time: the wait is spread over this much. */
const CROWD_MS = 15_000;

const ABUSE = 4400;
const UNAUTHENTICATED = 4401;
const FORBIDDEN = 4403;
const TOO_FAST = 4429;
const NONSENSE = 4002;
const CROWDED = [1012, 1013];
const OPEN = 1;
const RESTING = ["disconnected", "error"];
/** How often we look at the clock, and how much later than that means that the computer slept. */
const TICK_MS = 5_000;
const SLEPT_MS = 15_000;

export class Connection {
  /** @type {State} */ state = "disconnected";
  /** @type {Socket | null} */ #socket = null;
  /** The attempt that is under way; another one, or none, makes its late words worthless. @type {object | null} */
  #round = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #watch;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #pings;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #ticks;
  #attempts = 0;
  #silenceMs = HANDSHAKE_MS;
  #shaken = false;
  #lastError = "";
  /** When the token was renewed because it had been refused, and whether it has been taken since. */
  #renewedAt = 0;
  #unproven = false;
  #gaveUp = false;

  /** @param {Settings} settings @param {Owner} owner */
  constructor(settings, owner) {
    this.settings = settings;
    this.owner = owner;
  }

  open() {
    if (!RESTING.includes(this.state)) return;
    this.#attempts = 0;
    this.#unproven = false;
    this.#dial("connecting");
  }

  close() {
    this.#drop();
    this.#enter("disconnected", { reason: "stopped" });
  }

  /** Take this socket for broken, and come back as after any break. @param {number} code @param {string} reason */
  abandon(code, reason) {
    if (this.#socket) this.#closed(code, reason);
  }

  /** Nothing was lost and we are up to date: the next break starts the waits from the beginning. */
  settled() {
    this.#attempts = 0;
  }

  /** Don't wait for the next attempt. */
  retryNow() {
    if (this.state === "error" || (this.state === "reconnecting" && !this.#round)) this.#dial("reconnecting");
  }

  /** After a sleep or a change of network a dead socket may look open: ask for a sign of life now. */
  probe() {
    if (this.state === "error" && !this.#gaveUp) return;
    if (this.state === "connected" && this.#socket?.readyState !== OPEN) this.abandon(1006, "silence");
    if (this.state !== "connected") return this.retryNow();
    this.transmit({ type: "ping" });
    this.#expectLife(PROBE_MS);
  }

  /** Somebody looks at the page again, or its network has changed. */
  wake() {
    if (isVisible()) this.probe();
  }

  /** Write a frame, if there is a socket that takes it. @param {Record<string, any>} frame */
  transmit(frame) {
    if (this.state === "connected" && this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** @param {"connecting" | "reconnecting"} state */
  async #dial(state) {
    clearTimeout(this.#retry);
    this.#gaveUp = false;
    const round = {};
    this.#round = round;
    this.#enter(state, { attempt: this.#attempts });
    try {
      const token = await this.settings.credentials.current();
      if (round === this.#round) this.#connect(token);
    } catch (problem) {
      if (round === this.#round) this.#tokenless(/** @type {any} */ (problem));
    }
  }

  /** @param {string} token */
  #connect(token) {
    const { url, auth, WebSocket } = this.settings;
    const query = token && auth === "query" ? `?token=${encodeURIComponent(token)}` : "";
    const offers = token && auth === "subprotocol" ? ["niochat.v1", `bearer.${token}`] : undefined;
    const socket = new WebSocket(url + query, offers);
    this.#socket = socket;
    this.#shaken = false;
    this.#lastError = "";
    this.#silenceMs = HANDSHAKE_MS;
    socket.onopen = () => {
      this.#shaken = true;
      if (token && auth === "frame") socket.send(JSON.stringify({ type: "auth", token }));
    };
    socket.onmessage = (/** @type {{data: string}} */ event) => socket === this.#socket && this.#receive(event.data);
    socket.onerror = () => {}; // The close that follows says the same.
    socket.onclose = (/** @type {{code: number, reason: string}} */ event) =>
      socket === this.#socket && this.#closed(event.code, event.reason);
    this.#expectLife();
  }

  /** No token, no socket: for good where the login is over (or the address is none), else as after any break. @param {Error & {status?: number}} problem */
  #tokenless({ status = 0, message, name }) {
    this.#round = null;
    if (name === "SyntaxError") this.#fail(0, message);
    else if (status >= 400 && status < 500 && status !== 429) this.#fail(UNAUTHENTICATED, message);
    else this.#again(0, message);
  }

  /** What is no frame of ours costs the connection, and nothing else; what listeners throw does not come here. @param {string} text */
  #receive(text) {
    this.#expectLife();
    try {
      const frame = JSON.parse(text);
      frame.data ??= {};
      const { type, data } = frame;
      this.#lastError = type === "error" ? String(data.code) : "";
      if (type === "connected") this.#welcomed(data);
      if (type === "auth_expiring") this.#renew();
      this.owner.frame(frame);
    } catch {
      this.abandon(NONSENSE, "nonsense");
    }
  }

  /** @param {{heartbeat: number}} data */
  #welcomed({ heartbeat }) {
    this.#unproven = false;
    this.#silenceMs = heartbeat * 1_000 + GRACE_MS;
    this.#expectLife();
    const { pingMs } = this.settings;
    if (pingMs) this.#pings = setInterval(() => this.transmit({ type: "ping" }), pingMs);
    this.#enter("connected", {});
  }

  /** The token ends soon: show the next one. If there is none, the server's close will say so. */
  async #renew() {
    const { credentials } = this.settings;
    const socket = this.#socket;
    const token = await credentials.renew().catch(() => "");
    if (token && socket === this.#socket) this.transmit({ type: "auth", token });
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    const why = this.#lastError || reason;
    const shaken = this.#shaken;
    this.#drop();
    this.owner.closed(code, why);
    if (this.#round || this.state === "disconnected") return; // The application has decided otherwise.
    if (code === FORBIDDEN || code === ABUSE) return this.#fail(code, why);
    if (code === UNAUTHENTICATED) return this.#refused(why);
    this.#again(code, why);
    if (!shaken) this.#askWhy();
  }

  /** A handshake that failed does not tell a page why; REST does. */
  async #askWhy() {
    const retry = this.#retry;
    const over = await this.owner.refused();
    if (over && this.state === "reconnecting" && retry === this.#retry && !this.#round) this.#refused("TOKEN_INVALID");
  }

  /** Renew once and come back; what is refused again is refused for good. @param {string} why */
  #refused(why) {
    clearTimeout(this.#retry);
    const { credentials } = this.settings;
    const changed = why.toUpperCase() === "SCOPE_CHANGED";
    if (changed) this.owner.changed();
    if (changed && !credentials.getToken) return this.#again(UNAUTHENTICATED, why);
    if (!credentials.getToken || this.#unproven) return this.#fail(UNAUTHENTICATED, why);
    credentials.token = "";
    const lately = Date.now() - this.#renewedAt < RENEWED_LATELY_MS;
    this.#unproven = true;
    this.#renewedAt = Date.now();
    if (lately || !this.settings.policy) this.#again(UNAUTHENTICATED, why);
    else this.#dial("reconnecting");
  }

  /** @param {number} code @param {string} reason */
  #again(code, reason) {
    const { policy, random } = this.settings;
    const tired = !policy || (this.#attempts >= policy.attempts && !(policy.whileVisible && isVisible()));
    if (tired) {
      this.#gaveUp = true;
      return this.#fail(code, policy ? "reconnect_failed" : reason);
    }
    this.#attempts += 1;
    let wait = policy.delayMs(this.#attempts) * (1 - policy.jitter * random());
    if (CROWDED.includes(code)) wait = Math.max(wait, CROWD_MS * random());
    if (code === TOO_FAST) wait += CROWD_MS;
    wait = Math.round(wait);
    this.#enter("reconnecting", { attempt: this.#attempts, retryAt: Date.now() + wait, code, reason });
    this.#retry = setTimeout(() => this.#dial("reconnecting"), wait);
  }

  /** @param {number} code @param {string} reason */
  #fail(code, reason) {
    this.#drop();
    this.#enter("error", { code, reason });
  }

  #drop() {
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    clearInterval(this.#pings);
    const socket = this.#socket;
    this.#socket = null;
    this.#round = null;
    if (socket && socket.readyState <= OPEN) socket.close();
  }

  /** Without a byte for so long the socket is taken for dead. */
  #expectLife(ms = this.#silenceMs) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#closed(1006, "silence"), ms);
  }

  /** @param {State} state @param {StateDetail} detail */
  #enter(state, detail) {
    this.state = state;
    clearInterval(this.#ticks);
    let last = Date.now();
    const tick = () => {
      if (Date.now() - last > SLEPT_MS && isVisible()) this.#woke();
      last = Date.now();
    };
    if (!RESTING.includes(state)) this.#ticks = setInterval(tick, TICK_MS);
    this.owner.state(state, detail);
  }

  /** The clock went on while timers stood still: what we wait for is long over. */
  #woke() {
    if (this.state === "connected") return this.probe();
    this.#drop();
    this.#dial("reconnecting");
  }
}

const isVisible = () => globalThis.document?.visibilityState !== "hidden";
