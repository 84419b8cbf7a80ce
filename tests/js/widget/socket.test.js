import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { Socket } from "../../../conversations/static/conversations/widget/socket.js";

/** The server's end. */
class Line {
  static OPEN = 1;
  /** @type {Line[]} */ static all = [];
  readyState = 1;
  /** @type {any[]} */ sent = [];
  onmessage = (/** @type {any} */ _event) => {};
  onclose = (/** @type {any} */ _event) => {};

  /** @param {string} url @param {string[]} protocols */
  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    Line.all.push(this);
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  /** @param {string} type @param {Record<string, any>} data @param {number} [seq] */
  say(type, data, seq) {
    const place = seq === undefined ? {} : { stream: "t1.c9", seq };
    this.onmessage({ data: JSON.stringify({ type, data, ...place }) });
  }
}

/** A stopped clock ends with the test that stopped it: the next one may wait for a real one. */
afterEach(() => mock.timers.reset());

/** A socket of ours whose snapshot comes when `arrive` is called. */
function connected() {
  mock.timers.enable({ apis: ["setTimeout"] });
  Line.all = [];
  Object.assign(globalThis, { WebSocket: Line });
  /** @type {number[]} */ const applied = [];
  /** @type {string[]} */ const states = [];
  /** @type {(() => void)[]} */ const snapshots = [];
  const socket = new Socket("https://chat.example", () => "tok.en", {
    frame: ({ seq }) => applied.push(Number(seq)),
    fresh: () => new Promise((resolve) => snapshots.push(() => resolve(undefined))),
    state: (state) => states.push(state),
    renew: async () => true,
  });
  socket.open();
  return { socket, applied, states, snapshots, line: () => /** @type {Line} */ (Line.all.at(-1)) };
}

const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    await Promise.resolve();
  }
};

test("the token goes in a subprotocol, never in the address", () => {
  const { line } = connected();

  assert.equal(line().url, "wss://chat.example/ws/widget/");
  assert.deepEqual(line().protocols, ["niochat.v1", "bearer.tok.en"]);
});

test("frames that arrive before the snapshot wait for it", async () => {
  const { line, applied, snapshots } = connected();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 4 } });
  line().say("chat_message", {}, 5);
  assert.deepEqual(applied, []);

  snapshots[0]();
  await settled();
  line().say("chat_message", {}, 6);
  assert.deepEqual(applied, [5, 6]);
});

test("a hole is asked for once, and nothing beyond it is taken before it is filled", async () => {
  const { line, applied, snapshots } = connected();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 4 } });
  snapshots[0]();
  await settled();
  line().say("chat_message", {}, 7);
  line().say("chat_message", {}, 8);

  assert.deepEqual(applied, []);
  assert.deepEqual(line().sent, [{ type: "resume", epoch: "e", cursors: { "t1.c9": 4 } }]);
  for (const seq of [5, 6, 7, 8]) {
    line().say("chat_message", {}, seq);
  }
  line().say("resumed", { cursors: { "t1.c9": 8 } });
  assert.deepEqual(applied, [5, 6, 7, 8]);
});

test("after a break it resumes where it stood, without a snapshot", async () => {
  const { line, applied, snapshots, states } = connected();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 4 } });
  snapshots[0]();
  await settled();
  line().onclose({ code: 1006 });
  await settled();
  mock.timers.tick(40_000);

  assert.equal(Line.all.length, 2);
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 6 } });
  assert.deepEqual(line().sent, [{ type: "resume", epoch: "e", cursors: { "t1.c9": 4 } }]);
  line().say("chat_message", {}, 5);
  line().say("chat_message", {}, 6);
  assert.deepEqual(applied, [5, 6]);
  assert.equal(snapshots.length, 1);
  assert.deepEqual(states, ["connecting", "connected", "waiting", "connecting", "connected"]);
});

test("another epoch, and a resync, mean a new snapshot", async () => {
  const { line, snapshots } = connected();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 4 } });
  snapshots[0]();
  await settled();
  line().say("resync", { streams: ["t1.c9"], epoch: "e", cursors: { "t1.c9": 90 } });
  assert.equal(snapshots.length, 2);
  snapshots[1]();
  await settled();
  line().say("connected", { epoch: "f", cursors: { "t1.c9": 1 } });
  assert.equal(snapshots.length, 3);
});

test("a stranger's first message brings them a stream, and with it a snapshot", async () => {
  const { line, snapshots } = connected();
  line().say("connected", { epoch: "e", cursors: {} });
  snapshots[0]();
  await settled();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 3 } });

  assert.equal(snapshots.length, 2);
});

test("a silent line is dead, and a final refusal is final", async () => {
  const { socket, line, states } = connected();
  line().say("connected", { epoch: "e", cursors: {} });
  mock.timers.tick(61_000);
  await settled();
  assert.equal(states.at(-1), "waiting");

  mock.timers.tick(40_000);
  line().onclose({ code: 4403 });
  await settled();
  mock.timers.tick(600_000);
  assert.equal(states.at(-1), "stopped");
  assert.equal(Line.all.length, 2);
  assert.equal(socket.send("ping"), false);
});
