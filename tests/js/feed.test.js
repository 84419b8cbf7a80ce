import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Feed } from "../../dashboard/static/dashboard/feed.js";

/** The server's end of a socket, as far as a feed can tell. */
class FakeSocket {
  readyState = 1;
  /** @type {any[]} */ sent = [];
  /** @type {(event: any) => void} */ onmessage = () => {};
  /** @type {(event: any) => void} */ onclose = () => {};

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code = 1000) {
    if (this.readyState > 1) return;
    this.readyState = 3;
    this.onclose({ code });
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
  welcome(cursors = { "t1.agents": 10 }, epoch = "e1") {
    this.say("connected", { epoch, cursors, heartbeat: 25 });
  }
}

const START = { epoch: "e1", cursors: { "t1.agents": 10 } };
/** @type {FakeSocket[]} */ let sockets;
/** @type {(number | string)[]} */ let seen;
/** @type {[string, any][]} */ let states;
/** @type {(() => Promise<any>)[]} */ let answers;
/** @type {Feed} */ let feed;
const socket = () => /** @type {FakeSocket} */ (sockets.at(-1));
const lastState = () => /** @type {[string, any]} */ (states.at(-1));
const settled = () =>
  new Promise((resolve) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => resolve(null)))));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  [sockets, seen, states, answers] = [[], [], [], []];
  feed = new Feed({
    url: "ws://test",
    apply: (frame) => seen.push(frame.seq ?? frame.type),
    snapshot: async () => answers.shift()?.(),
    onState: (state, detail) => states.push([state, detail]),
    connect: () => /** @type {any} */ (sockets[sockets.push(new FakeSocket()) - 1]),
    random: () => 0.5,
  });
});

test("frames are applied once and in order", () => {
  feed.start(START);
  socket().welcome();
  for (const seq of [9, 10, 11, 11, 12]) socket().event(seq);

  assert.deepEqual(seen, [11, 12]);
  assert.equal(feed.cursors["t1.agents"], 12);
  assert.deepEqual(socket().sent, []);
});

test("a gap asks once for a resume, and what lies beyond it waits for its turn", () => {
  feed.start(START);
  socket().welcome();
  for (const seq of [11, 14, 15]) socket().event(seq);
  assert.deepEqual(socket().sent, [{ type: "resume", epoch: "e1", cursors: { "t1.agents": 11 } }]);

  for (const seq of [12, 13, 14, 15]) socket().event(seq);
  socket().say("resumed", { cursors: { "t1.agents": 15 } });
  assert.deepEqual(seen, [11, 12, 13, 14, 15]);
  assert.equal(socket().sent.length, 1);
});

test("streams are counted apart, and one that begins is known from its first event", () => {
  feed.start({ epoch: "e1", cursors: { "t1.agents": 10, "t1.u5": 0 } });
  socket().welcome({ "t1.agents": 10, "t1.u5": 0 });
  socket().event(1, "t1.u5");
  socket().event(11);
  assert.deepEqual(feed.cursors, { "t1.agents": 11, "t1.u5": 1 });
});

test("a new connection that is ahead of us is resumed from our cursor", () => {
  feed.start(START);
  socket().welcome({ "t1.agents": 13 });
  assert.deepEqual(socket().sent, [{ type: "resume", epoch: "e1", cursors: { "t1.agents": 10 } }]);
});

test("a heartbeat tells that the last event was lost", () => {
  feed.start(START);
  socket().welcome();
  socket().say("heartbeat", { cursors: { "t1.agents": 11 } });
  assert.equal(socket().sent[0].type, "resume");
});

test("after a resync the snapshot is taken and what came meanwhile follows it", async () => {
  answers.push(async () => ({ epoch: "e1", cursors: { "t1.agents": 40 } }));
  feed.start(START);
  socket().welcome();
  socket().say("resync", { streams: ["t1.agents"], epoch: "e1", cursors: { "t1.agents": 39 } });
  for (const seq of [40, 41]) socket().event(seq);
  await settled();

  assert.deepEqual(seen, [41]);
  assert.equal(feed.cursors["t1.agents"], 41);
});

test("another epoch, or a stream that we know nothing of, needs a snapshot", async () => {
  answers.push(async () => ({ epoch: "e2", cursors: { "t1.agents": 3 } }));
  feed.start(START);
  socket().welcome({ "t1.agents": 3 }, "e2");
  await settled();
  assert.equal(feed.epoch, "e2");

  answers.push(async () => ({ epoch: "e2", cursors: { "t1.agents": 3, "t1.i7": 5 } }));
  socket().close(1006);
  mock.timers.tick(500);
  socket().welcome({ "t1.agents": 3, "t1.i7": 5 }, "e2");
  await settled();
  assert.equal(feed.cursors["t1.i7"], 5);
});

test("without a snapshot the socket is given up and tried again", async () => {
  answers.push(async () => {
    throw new Error("offline");
  });
  feed.start(START);
  socket().welcome({}, "e2");
  await settled();
  assert.equal(feed.state, "reconnecting");
});

test("the wait before the next attempt doubles under full jitter, up to fifteen seconds", () => {
  feed.start(START);
  /** @type {number[]} */
  const waits = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    socket().close(1006);
    waits.push(lastState()[1].retryAt - Date.now());
    mock.timers.tick(Number(waits.at(-1)));
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 7500, 7500]);
});

test("after a restart of the server the first wait is already the widest", () => {
  feed.start(START);
  socket().welcome();
  socket().close(1012);
  assert.equal(lastState()[1].retryAt - Date.now(), 7500);
});

test("a connection that holds starts the waits from the beginning", () => {
  feed.start(START);
  socket().close(1006);
  mock.timers.tick(500);
  socket().welcome();
  socket().close(1006);
  assert.equal(lastState()[1].retryAt - Date.now(), 500);
});

test("nobody waits who does not want to", () => {
  feed.start(START);
  socket().close(1006);
  feed.retryNow();
  assert.equal(sockets.length, 2);
  mock.timers.tick(60_000);
});

test("an ended session or a closed door is not knocked at again", () => {
  for (const code of [4401, 4403, 4400]) {
    feed.start(START);
    socket().welcome();
    const before = sockets.length;
    socket().close(code);
    mock.timers.tick(120_000);
    assert.deepEqual([feed.state, sockets.length, lastState()[1].reason], ["disconnected", before, String(code)]);
  }
});

test("changed rights bring us back with a fresh snapshot", async () => {
  answers.push(async () => START);
  feed.start(START);
  socket().welcome();
  socket().say("error", { code: "SCOPE_CHANGED", error: "" });
  socket().close(4401);
  mock.timers.tick(500);
  socket().welcome();
  await settled();
  assert.equal(answers.length, 0);
});

test("a silent socket is taken for dead", () => {
  feed.start(START);
  socket().welcome();
  mock.timers.tick(34_999);
  assert.equal(feed.state, "connected");
  mock.timers.tick(1);
  assert.equal(feed.state, "reconnecting");
});

test("what is sent while away goes out in order once back, and too much is refused aloud", () => {
  feed.start(START);
  const taken = Array.from({ length: 101 }, (_, n) => feed.send({ type: "read", message_id: n }));
  feed.whisper({ type: "typing" });
  assert.deepEqual([taken[99], taken[100]], [true, false]);

  socket().welcome();
  assert.deepEqual(
    socket().sent.map((frame) => frame.message_id),
    Array.from({ length: 100 }, (_, n) => n),
  );
});

test("a late word of an old socket is not heard", () => {
  feed.start(START);
  const old = socket();
  old.close(1006);
  mock.timers.tick(500);
  socket().welcome();
  old.event(11);
  assert.deepEqual(seen, []);
});
