import assert from "node:assert/strict";
import { test } from "node:test";
import { exponential, presets } from "../src/index.js";
import { page, START, settled, stage } from "./fakes.js";

const FOREVER = { delayMs: exponential(1_000, 32_000), jitter: 0, attempts: Number.POSITIVE_INFINITY };

test("the states are told in order, with when the next attempt begins", async () => {
  const { client, connect, of, socket, pass } = stage({ reconnect: { jitter: 0 } });
  assert.equal(client.state, "disconnected");
  (await connect()).welcome();
  socket().close(1006);
  await pass(1_000);
  socket().welcome();
  client.disconnect();

  const states = of("state").map(({ state }) => state);
  assert.deepEqual(states, ["connecting", "connected", "reconnecting", "reconnecting", "connected", "disconnected"]);
  assert.deepEqual(of("state")[2], { state: "reconnecting", attempt: 1, retryAt: 1_001_000, code: 1006, reason: "" });
});

test("the waits of each preset are those of its document", async () => {
  const inf = Number.POSITIVE_INFINITY;
  /** @type {[keyof typeof presets, number[], number][]} */
  const table = [
    ["standard", [750, 1_500, 3_000, 6_000, 12_000, 24_000, 24_000, 24_000, 24_000, 24_000, 24_000], inf],
    ["niochat", [5_000, 5_000, 5_000, 5_000, 5_000], 5],
    ["fastapi", [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 32_000, 32_000, 32_000, 32_000], 10],
    ["socketio", [750, 1_500, 3_000, 3_750, 3_750], 5],
    ["pytake", [3_000, 6_000, 9_000, 12_000, 15_000], 5],
    ["syszap", [750, 1_500, 3_000, 6_000, 12_000, 24_000, 24_000, 24_000, 24_000, 24_000, 24_000], inf],
  ];
  for (const [name, waits, attempts] of table) {
    const { client, connect, socket, pass, wait, of } = stage({ reconnect: presets[name] });
    await connect();
    for (const expected of waits) {
      socket().close(1006);
      assert.equal(wait(), expected, name);
      await pass(expected);
    }
    socket().close(1006);
    assert.equal(client.state, attempts === inf ? "reconnecting" : "error", name);
    assert.equal(of("reconnect_failed").length, attempts === inf ? 0 : 1, name);
  }
});

test("the options of the documents make a policy too", async () => {
  const { client, connect, socket, pass, wait } = stage({
    reconnectInterval: 200,
    maxReconnectAttempts: 2,
    reconnect: { jitter: 0 },
  });
  await connect();
  for (const expected of [200, 400]) {
    socket().close(1006);
    assert.equal(wait(), expected);
    await pass(expected);
  }
  socket().close(1006);
  assert.equal(client.state, "error");
});

test("a hidden page gives up after ten attempts and begins again when somebody looks", async (/** @type {any} */ test) => {
  const { turn } = page(test, "hidden");
  const { client, connect, socket, sockets, pass } = stage();
  await connect();
  for (let attempt = 0; attempt < 11; attempt += 1) {
    socket().close(1006);
    await pass(32_000);
  }
  assert.deepEqual([client.state, sockets.length], ["error", 11]);

  turn("visible");
  await settled();
  socket().welcome();
  assert.deepEqual([client.state, sockets.length], ["connected", 12]);
});

test("with `reconnect: false` a break is the end", async () => {
  const { client, connect, pass, sockets } = stage({ reconnect: false });
  (await connect()).welcome();
  sockets[0].close(1006);
  await pass(120_000);
  assert.deepEqual([client.state, sockets.length], ["error", 1]);
});

test("after a restart of the server everybody comes back at a time of their own", async () => {
  for (const code of [1012, 1013]) {
    const { connect, wait } = stage({ random: () => 0.9, reconnect: FOREVER });
    const socket = await connect();
    socket.welcome();
    socket.close(code);
    assert.equal(wait(), 13_500);
  }
});

test("whoever was too fast waits longer", async () => {
  const { connect, wait } = stage({ reconnect: FOREVER });
  const socket = await connect();
  socket.welcome();
  socket.refuse("RATE_LIMITED", 4429);
  assert.equal(wait(), 16_000);
});

test("a connection that holds starts the waits from the beginning", async () => {
  const { connect, socket, pass, wait } = stage({ position: START, reconnect: FOREVER });
  await connect();
  for (const expected of [1_000, 2_000]) {
    socket().close(1006);
    assert.equal(wait(), expected);
    await pass(expected);
  }
  socket().welcome();
  socket().close(1006);
  assert.equal(wait(), 1_000);
});

test("nobody waits who does not want to", async () => {
  const { client, connect, socket, sockets } = stage();
  await connect();
  socket().close(1006);
  client.retryNow();
  await settled();
  assert.equal(sockets.length, 2);
});

test("a closed door is not knocked at again, not even by a page that wakes up", async () => {
  for (const code of [4403, 4400]) {
    const { client, connect, sockets, pass, of } = stage({ getToken: () => "t" });
    const socket = await connect();
    socket.welcome();
    socket.refuse("FORBIDDEN", code);
    client.probe();
    await pass(120_000);
    assert.deepEqual([client.state, sockets.length], ["error", 1]);
    assert.deepEqual(of("state").at(-1), { state: "error", code, reason: "FORBIDDEN" });
  }
});

test("a silent socket is taken for dead", async () => {
  const { client, connect, pass } = stage();
  (await connect()).welcome();
  await pass(34_999);
  assert.equal(client.state, "connected");
  await pass(1);
  assert.equal(client.state, "reconnecting");
});

test("a handshake that hangs is given up", async () => {
  const { client, connect, pass } = stage();
  await connect();
  await pass(20_000);
  assert.equal(client.state, "reconnecting");
});

test("a probe that is not answered replaces the socket within five seconds", async () => {
  const { client, connect, pass } = stage();
  const socket = await connect();
  socket.welcome();
  client.probe();
  assert.equal(socket.sent.at(-1).type, "ping");
  await pass(5_000);
  assert.equal(client.state, "reconnecting");
});

test("whoever asks for pings gets them", async () => {
  const { connect, pass } = stage({ pingInterval: 30_000 });
  const socket = await connect();
  socket.welcome();
  await pass(25_000);
  socket.say("heartbeat");
  await pass(5_000);
  assert.equal(socket.sentOf("ping").length, 1);
});

test("a late word of an old socket is not heard", async () => {
  const { connect, socket, sockets, pass, seen } = stage({ position: START });
  await connect();
  sockets[0].close(1006);
  await pass(500);
  socket().welcome();
  sockets[0].event(11);
  assert.deepEqual([sockets.length, seen()], [2, []]);
});

test("what is no frame of ours is not heard", async () => {
  const { client, connect } = stage({ position: START });
  const socket = await connect();
  socket.welcome();
  for (const data of ["[]", "{}", '{"type":"new"}', '{"type":"error"}']) socket.onmessage({ data });
  assert.equal(client.state, "connected");
});

for (const nonsense of [
  "<html>",
  "null",
  '{"type":"connected","data":{"cursors":null}}',
  '{"type":"connected","data":null}',
  '{"type":"resumed","data":{"cursors":null}}',
  '{"type":"resync","data":{"streams":0}}',
]) {
  test(`nonsense costs the connection and nothing else: ${nonsense}`, async () => {
    const { client, connect, socket, sockets, pass, of, seen } = stage({ position: START });
    (await connect()).welcome();
    client.sendMessage(5, "Olá!");
    socket().onmessage({ data: nonsense });
    assert.deepEqual(of("disconnected"), [{ code: 4002, reason: "nonsense" }]);

    await pass(1_000);
    socket().welcome({ "t1.agents": 11 });
    assert.deepEqual(socket().sentOf("resume")[0].cursors, { "t1.agents": 10 });
    socket().event(11);
    assert.deepEqual([client.state, sockets.length, seen()], ["connected", 2, [11]]);
    assert.equal(socket().sentOf("message")[0].content, "Olá!");
  });
}

test("a break is not said to come of a command that was refused long before", async () => {
  const { connect, socket, of } = stage({ position: START });
  (await connect()).welcome();
  socket().say("error", { code: "NOT_FOUND", error: "" });
  socket().say("heartbeat", { cursors: START.cursors });
  socket().close(1006);
  assert.deepEqual(of("disconnected"), [{ code: 1006, reason: "" }]);
});

test("a client that was disconnected stays so, whatever was under way, and connects again where it was", async () => {
  const { client, connect, sockets, pass, socket } = stage({ position: START });
  (await connect()).welcome();
  socket().event(11);
  client.disconnect();
  await pass(120_000);
  assert.deepEqual([client.state, sockets.length], ["disconnected", 1]);

  await connect();
  socket().welcome({ "t1.agents": 12 });
  assert.deepEqual(socket().sent, [{ type: "resume", epoch: "e1", cursors: { "t1.agents": 11 } }]);
});

test("connect is a promise of the welcome, or of why there is none", async () => {
  const { client, socket } = stage();
  const connecting = client.connect();
  await settled();
  socket().welcome();
  assert.equal((await connecting).user_id, 7);
  assert.equal((await client.connect()).user_id, 7);
  socket().refuse("FORBIDDEN", 4403);

  const again = client.connect();
  await settled();
  socket().refuse("FORBIDDEN", 4403);
  await assert.rejects(again, { code: "FORBIDDEN" });
});

test("without a WebSocket anywhere the client says what to do", () => {
  const known = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
  Reflect.deleteProperty(globalThis, "WebSocket");
  try {
    assert.throws(() => stage({ WebSocket: undefined }), /`ws`/);
  } finally {
    if (known) Object.defineProperty(globalThis, "WebSocket", known);
  }
});
