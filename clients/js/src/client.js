/** The client: a connection, where it stands in the streams, and what is on its way, joined. */
import { addresses } from "./addresses.js";
import { Commands } from "./commands.js";
import { Connection } from "./connection.js";
import { Credentials } from "./credentials.js";
import { Cursors } from "./cursors.js";
import { guarded } from "./emitter.js";
import { policyOf } from "./presets.js";
import { Refusal, Rest } from "./rest.js";

/**
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").State} State
 * @typedef {import("./frames.js").StateDetail} StateDetail
 * @typedef {import("./frames.js").Position} Position
 * @typedef {import("./frames.js").ServerEvents["connected"]} Welcome
 *
 * @typedef {object} Options
 * @property {string} [url]        the server, `https://help.example`; the page's own where none is given
 * @property {string} [token]      an access token or a client key; without it and `getToken` the page's session cookie
 * @property {() => string | Promise<string>} [getToken]  another token: asked when there is none, and when one ends
 * @property {"subprotocol" | "query" | "frame"} [auth]   how the token is shown; not in the address unless you say so
 * @property {Partial<import("./presets.js").Policy> | false} [reconnect]  a preset, parts of one, or false
 * @property {true | (() => Promise<Position>)} [snapshot]  what to do where frames alone can't tell the state: fetch the
 *   server's snapshot, or anything of yours that says where it stands; the event `snapshot` tells it when it counts
 * @property {Position} [position] how old the state is that you begin with
 * @property {Pick<Storage, "getItem" | "setItem">} [storage]  keeps the position (`sessionStorage`): a reload resumes
 * @property {string} [storageKey]
 * @property {number} [pingMs]     ask for a sign of life this often; the server gives one every 25 s by itself
 * @property {import("./connection.js").SocketClass} [WebSocket]  where there is no global one (Node before 22): `ws`'s
 * @property {typeof fetch} [fetch]
 * @property {() => number} [random]
 * @property {(data: Welcome) => void} [onConnect]
 * @property {(detail: {code: number, reason: string}) => void} [onDisconnect]
 * @property {(frame: Frame) => void} [onMessage]  every frame that comes, even one that was seen before
 * @property {(problem: import("./frames.js").Events["error"]) => void} [onError]
 * @property {number} [reconnectInterval]     the first wait, in milliseconds
 * @property {number} [maxReconnectAttempts]
 * @property {number} [pingInterval]          as `pingMs`
 */

const WAKING = ["online", "offline", "pageshow", "visibilitychange"];
const NO_SNAPSHOT = 4000;
const DEAF = 4001;

/** Follows everything that the credential's owner may see, and says what they do. */
export class NioChatClient extends Commands {
  /** @type {Connection} */ #connection;
  /** @type {Cursors} */ #cursors;
  /** @type {Options["storage"]} */ #storage;
  /** @type {Promise<Welcome> | null} */ #opening = null;
  /** Keeps that promise, or breaks it. @type {[(data: Welcome) => void, (problem: Refusal) => void] | undefined} */ #settle;
  #wake = () => this.#connection.wake();

  /** @param {Options} [options] */
  constructor(options = {}) {
    super(
      (frame) => this.#connection.transmit(frame),
      (problem) => this.#problem(problem),
    );
    const { socket, rest } = addresses(options.url);
    this.options = options;
    this.credentials = new Credentials(options.token, options.getToken);
    this.rest = new Rest(rest, this.credentials, options.fetch);
    this.#connection = this.#connectionTo(socket);
    this.#cursors = this.#countingBy(this.whisper);
    this.#storage = options.storage;
    this.#restore();
    if (options.position) this.place(options.position);
    this.queue.changed = () => this.#save();
  }

  /** What a store holds that is no work of ours counts for nothing. */
  #restore() {
    try {
      const { queue, ...position } = JSON.parse(/** @type {string} */ (this.#storage?.getItem(this.#key)));
      if (position.epoch) this.place(position);
      for (const frame of queue) this.send(frame);
    } catch {}
  }

  /** A store that takes no more is said once, and left alone. */
  #save() {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify({ ...this.position, queue: this.queue.frames }));
    } catch (problem) {
      this.#storage = undefined;
      this.#problem({ code: "STORAGE", error: String(problem) });
    }
  }

  /** @returns {State} */
  get state() {
    return this.#connection.state;
  }

  get connectionStatus() {
    return this.state;
  }

  isConnected() {
    return this.state === "connected";
  }

  /** How much has been seen. */
  get position() {
    return this.#cursors.position;
  }

  /** Go on from here, because your state was replaced. @param {Position} position */
  place(position) {
    this.#cursors.place(position);
  }

  /**
   * Open the socket and keep it open.
   * @param {string} [token]  in place of the one that the client was made with
   * @param {unknown} [userId]  some documents give a company and a user here: the credential alone tells who you are
   * @returns {Promise<Welcome>} Rejects with a Refusal where it is given up.
   */
  connect(token, userId) {
    if (token && userId === undefined) this.credentials.token = token;
    this.#opening ??= new Promise((...settle) => {
      this.#settle = settle;
    });
    this.#opening.catch(() => {}); // Whoever doesn't wait for it hears of it by `error`.
    for (const type of WAKING) globalThis.addEventListener?.(type, this.#wake);
    const opening = this.#opening;
    this.#connection.open();
    return opening;
  }

  /** Close for good; commands that wait are refused. `connect` begins again where we were. */
  disconnect() {
    if (this.state === "disconnected") return;
    for (const type of WAKING) globalThis.removeEventListener?.(type, this.#wake);
    this.#connection.close();
    this.#closed(1000, "stopped");
    this.#end("STOPPED");
  }

  /** Don't wait for the next attempt. */
  retryNow() {
    this.#connection.retryNow();
  }

  attemptReconnect() {
    this.retryNow();
  }

  /** Make sure now that the connection is alive: it answers within 5 s, or is replaced. */
  probe() {
    this.#connection.probe();
  }

  /** @param {string} url */
  #connectionTo(url) {
    const { options, credentials } = this;
    const WebSocket = options.WebSocket ?? globalThis.WebSocket;
    if (!WebSocket) throw new Error("No WebSocket here: give one as an option (`ws`).");
    const { auth = "subprotocol", pingInterval = 0, pingMs = pingInterval, random = Math.random } = options;
    return new Connection(
      { url, credentials, policy: policyOf(options), auth, pingMs, WebSocket, random },
      {
        frame: (frame) => this.#take(frame),
        state: (state, detail) => this.#entered(state, detail),
        closed: (code, reason) => this.#closed(code, reason),
        changed: () => this.#cursors.forget(),
        refused: () => this.rest.isRefused(),
      },
    );
  }

  /** @param {(frame: Record<string, any>) => void} transmit */
  #countingBy(transmit) {
    const { snapshot } = this.options;
    return new Cursors({
      transmit,
      apply: (frame) => this.emit(frame.type, frame.data, frame),
      snapshot: snapshot === true ? () => this.rest.snapshot() : (snapshot ?? null),
      drawn: (state) => this.emit("snapshot", state),
      lost: (streams, { epoch, cursors }) => this.emit("resync", { streams, epoch, cursors }),
      settled: () => this.#connection.settled(),
      stuck: () => this.#connection.abandon(NO_SNAPSHOT, "no_snapshot"),
      save: () => this.#save(),
      stranger: () => this.queue.clear("STRANGER"),
    });
  }

  get #key() {
    return this.options.storageKey ?? "niochat.position";
  }

  /** @param {Frame} frame */
  #take(frame) {
    const { type, data } = frame;
    this.#hook("onMessage", frame);
    if (type === "error") this.#hook("onError", data);
    if (data.request_id !== undefined) this.queue.answered(frame);
    this.#cursors.take(frame);
    if (type === "connected") this.#welcomed(data);
    else if (type === "resumed") this.#cursors.resumed(data);
    else if (type === "resync") this.#cursors.resync(data);
    else if (type === "heartbeat" || type === "pong") {
      if (this.queue.isStuck) this.#connection.abandon(DEAF, "no_answer");
      else this.#cursors.heads(data.cursors);
    }
  }

  /** @param {Welcome} data */
  #welcomed(data) {
    this.#hook("onConnect", data);
    this.#settle?.[0](data);
    this.#opening ??= Promise.resolve(data);
    this.#cursors.connected(data);
    this.rejoin();
    this.queue.start();
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    this.#cursors.drop();
    this.queue.stop();
    this.#hook("onDisconnect", { code, reason });
    this.emit("disconnected", { code, reason });
  }

  /** @param {State} state @param {StateDetail} detail */
  #entered(state, detail) {
    this.emit("state", { state, ...detail });
    if (state !== "error") return;
    const { code = 0, reason = "" } = detail;
    const problem = { code: reason || String(code), error: `Given up: ${code} ${reason}` };
    this.#problem(problem);
    if (reason === "reconnect_failed") this.emit(reason, detail);
    this.#end(problem.code, problem.error);
  }

  /** Nobody will answer any more. @param {string} code @param {string} [detail] */
  #end(code, detail) {
    this.#settle?.[1](new Refusal(code, detail));
    this.#opening = null;
    this.queue.clear(code, detail);
  }

  /** @param {{code: string, error: string}} problem */
  #problem(problem) {
    this.#hook("onError", problem);
    this.emit("error", problem);
  }

  /** @param {"onConnect" | "onDisconnect" | "onMessage" | "onError"} name @param {any} told */
  #hook(name, told) {
    guarded(() => this.options[name]?.(told));
  }
}
