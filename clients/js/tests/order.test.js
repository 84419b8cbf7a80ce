import assert from "node:assert/strict";
import { test } from "node:test";
import { START, settled, stage } from "./fakes.js";

const AT_10 = { position: START };

test("frames are applied once and in order", async () => {
  const { client, connect, seen } = stage(AT_10);
  const socket = await connect();
  socket.welcome();
  for (const seq of [9, 10, 11, 11, 12]) socket.event(seq);

  assert.deepEqual(seen(), [11, 12]);
  assert.equal(client.position.cursors["t1.agents"], 12);
  assert.deepEqual(socket.sent, []);
});

test("a gap asks once for a resume, and what lies beyond it waits for its turn", async () => {
  const { connect, seen } = stage(AT_10);
  const socket = await connect();
  socket.welcome();
  for (const seq of [11, 14, 15]) socket.event(seq);
  assert.deepEqual(socket.sent, [{ type: "resume", epoch: "e1", cursors: { "t1.agents": 11 } }]);

  for (const seq of [12, 13, 14, 15]) socket.event(seq);
  socket.say("resumed", { cursors: { "t1.agents": 15 } });
  assert.deepEqual(seen(), [11, 12, 13, 14, 15]);
  assert.equal(socket.sent.length, 1);
});

test("a resume that nobody answers is asked for again", async () => {
  const { connect, pass } = stage(AT_10);
  const socket = await connect();
  socket.welcome();
  socket.event(12);
  await pass(10_001);
  socket.event(13);
  assert.equal(socket.sentOf("resume").length, 2);
});

test("a hole that a resume does not fill is told, and gone past", async () => {
  const { connect, of, seen } = stage(AT_10);
  const socket = await connect();
  socket.welcome();
  socket.event(12);
  socket.say("resumed", { cursors: { "t1.agents": 12 } });
  socket.event(13);

  assert.deepEqual(of("resync"), [{ streams: ["t1.agents"], epoch: "e1", cursors: { "t1.agents": 12 } }]);
  assert.deepEqual(seen(), [13]);
  assert.equal(socket.sentOf("resume").length, 1);
});

test("streams are counted apart, and one that begins is known from its first event", async () => {
  const { client, connect } = stage({ position: { epoch: "e1", cursors: { "t1.agents": 10, "t1.u5": 0 } } });
  const socket = await connect();
  socket.welcome({ "t1.agents": 10, "t1.u5": 0 });
  socket.event(1, "t1.u5");
  socket.event(11);
  assert.deepEqual(client.position.cursors, { "t1.agents": 11, "t1.u5": 1 });
});

test("a client that begins with nothing begins where the server stands", async () => {
  const { client, connect, of } = stage();
  const socket = await connect();
  socket.welcome();
  assert.deepEqual(client.position, { ...START, user: 7 });
  assert.deepEqual([of("resync"), socket.sent], [[], []]);
});

test("a new connection that is ahead of us is resumed from our cursor", async () => {
  const { connect } = stage(AT_10);
  const socket = await connect();
  socket.welcome({ "t1.agents": 13 });
  assert.deepEqual(socket.sent, [{ type: "resume", epoch: "e1", cursors: { "t1.agents": 10 } }]);
});

test("a heartbeat tells that the last event was lost", async () => {
  const { connect } = stage(AT_10);
  const socket = await connect();
  socket.welcome();
  socket.say("heartbeat", { cursors: { "t1.agents": 11 } });
  assert.equal(socket.sent[0].type, "resume");
});

test("after a resync the snapshot is taken and what came meanwhile follows it", async () => {
  const { client, connect, seen, of } = stage({
    ...AT_10,
    snapshot: async () => ({ epoch: "e1", cursors: { "t1.agents": 40 }, mine: true }),
  });
  const socket = await connect();
  socket.welcome();
  socket.say("resync", { streams: ["t1.agents"], epoch: "e1", cursors: { "t1.agents": 39 } });
  for (const seq of [40, 41]) socket.event(seq);
  await settled();

  assert.deepEqual([seen(), of("snapshot")[0].mine], [[41], true]);
  assert.equal(client.position.cursors["t1.agents"], 41);
});

test("a snapshot whose socket broke meanwhile does not count", async () => {
  /** @type {((position: any) => void)[]} */ const fetched = [];
  const snapshot = () => new Promise((resolve) => fetched.push(resolve));
  const { client, connect, socket, pass, of } = stage({ snapshot });
  (await connect()).welcome();
  socket().close(1006);
  fetched[0]({ epoch: "e1", cursors: { "t1.agents": 10 } });
  await pass(1_000);
  assert.deepEqual([of("snapshot"), client.position.epoch], [[], ""]);

  socket().welcome({ "t1.agents": 12 });
  fetched[1]({ epoch: "e1", cursors: { "t1.agents": 12 } });
  await settled();
  assert.deepEqual([of("snapshot").length, client.position.cursors], [1, { "t1.agents": 12 }]);
});

test("without a snapshot to take, a resync is told and the client goes on after it", async () => {
  const { connect, of, seen } = stage(AT_10);
  const socket = await connect();
  socket.welcome();
  socket.say("resync", { streams: ["t1.agents"], epoch: "e1", cursors: { "t1.agents": 39 } });
  for (const seq of [39, 40]) socket.event(seq);
  assert.deepEqual([of("resync").length, seen()], [1, [40]]);
});

test("the server's own snapshot is fetched with the token and told before what follows it", async () => {
  /** @type {any[]} */ const calls = [];
  const fetch = async (/** @type {any[]} */ ...call) => {
    calls.push(call);
    return Response.json({ epoch: "e1", cursors: { "t1.agents": 11 }, conversations: [{ id: 5 }] });
  };
  const { connect, told, of } = stage({ snapshot: true, token: "t0", fetch });
  const socket = await connect();
  socket.welcome();
  socket.event(12);
  await settled();

  assert.deepEqual([calls[0][0], calls[0][1].headers.Authorization], ["http://test/api/v1/snapshot", "Bearer t0"]);
  assert.equal(of("snapshot")[0].conversations[0].id, 5);
  const types = told.map((frame) => frame.type);
  assert.ok(types.indexOf("snapshot") < types.indexOf("chat_message"));
});

test("another epoch, another person, or a stream that we know nothing of, needs a snapshot", async () => {
  for (const [cursors, epoch, user] of [
    [{ "t1.agents": 10 }, "e2", 7],
    [{ "t1.agents": 10 }, "e1", 8],
    [{ "t1.agents": 10, "t1.i7": 5 }, "e1", 7],
  ]) {
    const { client, connect } = stage({
      position: { ...START, user: 7 },
      snapshot: async () => ({ epoch, cursors: { "t1.agents": 30, "t1.i7": 6 } }),
    });
    const socket = await connect();
    socket.welcome(/** @type {any} */ (cursors), String(epoch), Number(user));
    await settled();
    assert.deepEqual(client.position, { epoch, cursors: { "t1.agents": 30, "t1.i7": 6 }, user });
  }
});

test("another person whose snapshot can't be had does not go on from where the last one was", async () => {
  let down = true;
  const snapshot = async () => {
    if (down) throw new Error("offline");
    return { epoch: "e1", cursors: { "t1.agents": 30 }, user: 8 };
  };
  const { client, connect, socket, pass, of } = stage({ position: { ...START, user: 7 }, snapshot });
  (await connect()).welcome({ "t1.agents": 30 }, "e1", 8);
  await settled();
  down = false;
  await pass(500);
  socket().welcome({ "t1.agents": 30 }, "e1", 8);
  await settled();
  assert.deepEqual([of("snapshot").length, client.position.cursors], [1, { "t1.agents": 30 }]);
});

test("without its snapshot the socket is given up and tried again", async () => {
  const snapshot = async () => {
    throw new Error("offline");
  };
  const { client, connect } = stage({ snapshot });
  const socket = await connect();
  socket.welcome({ "t1.agents": 3 });
  await settled();
  assert.deepEqual([client.state, socket.readyState], ["reconnecting", 3]);
});

test("a clock that is set back does not keep a lost resume from being asked for again", async () => {
  const { connect, sleep } = stage(AT_10);
  const socket = await connect();
  socket.welcome();
  socket.event(12);
  sleep(-3_600_000);
  socket.event(13);
  assert.equal(socket.sentOf("resume").length, 2);
});

test("a listener who throws stops neither the others nor the count", async () => {
  const { client, connect, pass } = stage(AT_10);
  /** @type {number[]} */ const heard = [];
  client.on("chat_message", () => {
    throw new Error("theirs");
  });
  client.on("chat_message", (/** @type {any} */ { n }) => heard.push(n));
  const socket = await connect();
  socket.welcome();
  socket.event(11);
  socket.event(12);

  assert.deepEqual([heard, client.position.cursors["t1.agents"]], [[11, 12], 12]);
  await assert.rejects(pass(1), /theirs/);
});

test("on answers with its removal, once hears once, off ends it, and the wildcard hears all", () => {
  const { client } = stage();
  /** @type {string[]} */ const heard = [];
  const remove = client.on("a", () => heard.push("on"));
  const hear = () => heard.push("off");
  client.on("a", hear);
  client.once("a", () => heard.push("once"));
  client.on("*", (frame) => heard.push(`*${frame.type}`));
  client.emit("a");
  remove();
  client.off("a", hear);
  client.emit("a");
  assert.deepEqual(heard, ["on", "off", "once", "*a", "*a"]);
});
