/** The server's end of a socket, as far as a client can tell; and a client on it whose clock and chance are ours. */
import { mock } from "node:test";
import { NioChatClient } from "../src/index.js";

export class FakeSocket {
  readyState = 0;
  /** @type {any[]} */ sent = [];
  /** @type {(event: any) => void} */ onopen = () => {};
  /** @type {(event: any) => void} */ onmessage = () => {};
  /** @type {(event: any) => void} */ onerror = () => {};
  /** @type {(event: any) => void} */ onclose = () => {};

  /** @param {string} url @param {string[]} [protocols] */
  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code = 1000, reason = "") {
    if (this.readyState > 1) return;
    this.readyState = 3;
    this.onclose({ code, reason });
  }

  /** @param {string} type @param {any} [data] @param {string} [stream] @param {number} [seq] */
  say(type, data = {}, stream, seq) {
    this.onmessage({ data: JSON.stringify({ type, data, stream, seq }) });
  }

  /** @param {number} seq */
  event(seq, stream = "t1.agents") {
    this.say("chat_message", { n: seq }, stream, seq);
  }

  /** @param {Record<string, number>} cursors */
  welcome(cursors = { "t1.agents": 10 }, epoch = "e1", user_id = 7) {
    this.readyState = 1;
    this.onopen({});
    this.say("connected", { epoch, cursors, heartbeat: 25, user_id });
  }

  /** Refuse, as the server does. @param {string} code @param {number} close */
  refuse(code, close) {
    this.say("error", { code, error: "" });
    this.close(close, code);
  }

  /** @param {string} type */
  sentOf(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

const STEP_MS = 1_000;
export const START = { epoch: "e1", cursors: { "t1.agents": 10 } };

/** Let promises that are due be kept. */
export async function settled() {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** A page around the client, until the test ends. @param {{after: (end: () => void) => void}} test @param {"visible" | "hidden"} [visibility] */
export function page(test, visibility = "visible") {
  const target = new EventTarget();
  Object.assign(globalThis, {
    document: { visibilityState: visibility, cookie: "" },
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
  });
  test.after(() => {
    for (const name of ["document", "addEventListener", "removeEventListener"])
      Reflect.deleteProperty(globalThis, name);
  });
  return {
    /** @param {"visible" | "hidden"} state */
    turn(state) {
      globalThis.document = /** @type {any} */ ({ visibilityState: state, cookie: "" });
      target.dispatchEvent(new Event("visibilitychange"));
    },
    /** @param {"online" | "offline" | "pageshow"} type */
    fire: (type) => target.dispatchEvent(new Event(type)),
  };
}

/** What a page keeps over its reloads. */
export function memory() {
  /** @type {Map<string, string>} */ const kept = new Map();
  return {
    kept,
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
  };
}

/** A client, its sockets and everything that it told, on a clock of its own. @param {Record<string, any>} [options] */
export function stage(options = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
  return another(options);
}

/** One more client on the same clock. @param {Record<string, any>} [options] */
export function another(options = {}) {
  /** @type {FakeSocket[]} */ const sockets = [];
  class WebSocket extends FakeSocket {
    /** @param {string} url @param {string[]} [protocols] */
    constructor(url, protocols) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const unreachable = async () => {
    throw new Error("offline");
  };
  const client = new NioChatClient({
    url: "http://test",
    WebSocket,
    fetch: /** @type {any} */ (unreachable),
    random: () => 0.5,
    reconnect: { jitter: 1 },
    ...options,
  });
  /** @type {any[]} */ const told = [];
  client.on("*", (frame) => told.push(frame));
  const socket = () => /** @type {FakeSocket} */ (sockets.at(-1));
  return {
    client,
    sockets,
    told,
    socket,
    /** What was told of a type. @param {string} type */
    of: (type) => told.filter((frame) => frame.type === type).map((frame) => frame.data),
    seen: () => told.filter((frame) => frame.stream).map((frame) => frame.seq),
    async connect() {
      client.connect();
      await settled();
      return socket();
    },
    /** Let time pass. @param {number} ms */
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) mock.timers.tick(Math.min(left, STEP_MS));
      await settled();
    },
    /** Time has passed, and all that was due in it comes at once. @param {number} ms */
    async late(ms) {
      mock.timers.tick(ms);
      await settled();
    },
    /** The computer sleeps: its clock goes on, and its timers stand still. @param {number} ms */
    sleep(ms) {
      const now = Date.now;
      Date.now = () => now() + ms;
    },
    /** How long the client means to wait. */
    wait: () => told.findLast((frame) => frame.type === "state").data.retryAt - Date.now(),
  };
}
