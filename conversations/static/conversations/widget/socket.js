import { backoffMs, isBehind, placeOf } from "./order.js";

const PROTOCOL = "niochat.v1";
const SILENCE_MS = 60_000;
const SLOWER_MS = 30_000;
const STEADY_MS = 10_000;

/** Close codes after which coming back would be no use: a foreign site, a suspended company, abuse. */
const FINAL = new Set([1003, 1007, 1009, 4400, 4403]);

/**
 * The visitor's connection: opens, comes back with jitter, and hands over each kept frame once and in order.
 *
 * `on.fresh` is called when what is shown must be fetched anew; the frames that arrive until it is done wait.
 *
 * @typedef {object} Listeners
 * @property {(frame: import("./types.js").Frame) => void} frame
 * @property {() => Promise<void>} fresh
 * @property {(state: "connecting" | "connected" | "waiting" | "stopped") => void} state
 * @property {() => Promise<boolean>} renew a new token is wanted; false when none can be had
 */
export class Socket {
  /**
   * @param {string} server
   * @param {() => string} token
   * @param {Listeners} on
   */
  constructor(server, token, on) {
    this.url = `${server.replace(/^http/, "ws")}/ws/widget/`;
    this.token = token;
    this.on = on;
    this.epoch = "";
    /** @type {Record<string, number>} */
    this.cursors = {};
    this.attempt = 0;
    this.state = "stopped";
    this.resuming = false;
    /** @type {import("./types.js").Frame[] | null} frames that wait for a snapshot; null when none is under way */
    this.held = null;
    /** @type {WebSocket | null} */
    this.line = null;
    this.timer = 0;
    this.silence = 0;
  }

  /** Open, or come back at once instead of waiting any longer. */
  open() {
    if (this.line) {
      return;
    }
    clearTimeout(this.timer);
    this.become("connecting");
    const line = new WebSocket(this.url, [PROTOCOL, `bearer.${this.token()}`]);
    this.line = line;
    this.listen();
    line.onmessage = ({ data }) => this.line === line && this.receive(JSON.parse(data));
    line.onclose = ({ code }) => this.line === line && this.closed(code);
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    const line = this.line;
    this.line = null;
    line?.close(1000);
    this.forget();
    this.become("stopped");
  }

  /** The next connection starts from nothing: another visitor, or another database. */
  forget() {
    this.epoch = "";
    this.cursors = {};
    this.held = null;
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} [data]
   * @returns {boolean} whether it could be handed to the network
   */
  send(type, data = {}) {
    if (this.state !== "connected" || this.line?.readyState !== WebSocket.OPEN) {
      return false;
    }
    this.line.send(JSON.stringify({ type, ...data }));
    return true;
  }

  /** @param {typeof this.state} state */
  become(state) {
    if (this.state !== state) {
      this.state = state;
      this.on.state(/** @type {any} */ (state));
    }
  }

  /** A line that has been silent for longer than the heartbeat is dead, whatever the network says. */
  listen() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.closed(1006), SILENCE_MS);
  }

  /** @param {import("./types.js").Frame} frame */
  receive(frame) {
    this.listen();
    const own = /** @type {Record<string, (frame: any) => void>} */ ({
      connected: this.connected,
      resync: this.resync,
      resumed: this.resumed,
      heartbeat: this.compare,
      pong: this.compare,
      auth_expiring: this.renew,
    })[frame.type];
    if (own) {
      own.call(this, frame);
    } else if (this.held && frame.stream) {
      this.held.push(frame);
    } else {
      this.follow(frame);
    }
  }

  /** @param {import("./types.js").Frame} frame */
  follow(frame) {
    const place = placeOf(this.cursors, frame);
    if (place === "resume") {
      this.resume();
    } else if (place === "apply") {
      if (frame.stream) {
        this.cursors[frame.stream] = Number(frame.seq);
      }
      this.on.frame(frame);
    }
  }

  /** @param {import("./types.js").Frame} frame */
  connected({ data }) {
    const theirs = Object.keys(data.cursors);
    const same = theirs.length === Object.keys(this.cursors).length && theirs.every((stream) => stream in this.cursors);
    const known = this.epoch === data.epoch && same;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.attempt = 0;
    }, STEADY_MS);
    this.resuming = false;
    this.become("connected");
    if (known) {
      this.held = null;
      if (isBehind(this.cursors, data.cursors)) {
        this.resume();
      }
      return;
    }
    this.epoch = data.epoch;
    this.cursors = data.cursors;
    this.refresh();
  }

  /** @param {import("./types.js").Frame} frame */
  resync({ data }) {
    this.resuming = false;
    this.epoch = data.epoch;
    this.cursors = { ...this.cursors, ...data.cursors };
    this.refresh();
  }

  resumed() {
    this.resuming = false;
  }

  /** @param {import("./types.js").Frame} frame */
  compare({ data }) {
    if (!this.held && isBehind(this.cursors, data.cursors)) {
      this.resume();
    }
  }

  resume() {
    if (!this.resuming && !this.held) {
      this.resuming = this.send("resume", { epoch: this.epoch, cursors: this.cursors });
    }
  }

  async refresh() {
    /** @type {import("./types.js").Frame[]} */
    const held = [];
    this.held = held;
    await this.on.fresh().catch(() => {
      if (this.held === held) {
        this.closed(1006);
      }
    });
    if (this.held === held) {
      this.held = null;
      held.forEach((frame) => {
        this.follow(frame);
      });
    }
  }

  async renew() {
    if (await this.on.renew()) {
      this.send("auth", { token: this.token() });
    }
  }

  /** @param {number} code */
  async closed(code) {
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    const line = this.line;
    this.line = null;
    this.resuming = false;
    // A snapshot that was under way belonged to the line that died: the next one starts anew.
    if (this.held) {
      this.forget();
    }
    line?.close();
    this.become("waiting");
    if (FINAL.has(code) || (code === 4401 && !(await this.on.renew()))) {
      this.become("stopped");
      return;
    }
    const waitMs = backoffMs(this.attempt) + (code === 4429 ? SLOWER_MS : 0);
    this.attempt += 1;
    this.timer = setTimeout(() => this.open(), waitMs);
  }
}
