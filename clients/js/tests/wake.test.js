/** What a computer does to a page: it sleeps, loses its network, puts the page away and shows it again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page, START, settled, stage } from "./fakes.js";

const HOUR_MS = 3_600_000;
const SLOW = { reconnect: { delayMs: () => 32_000, jitter: 0 } };

test("after an hour's sleep in the middle of a wait we come back at once", async () => {
  const { client, connect, socket, sockets, sleep, pass } = stage(SLOW);
  (await connect()).close(1006);
  sleep(HOUR_MS);
  await pass(5_000);
  assert.equal(sockets.length, 2);
  socket().welcome();
  assert.equal(client.state, "connected");
});

test("after a sleep a socket that looks open is asked for a sign of life, and kept where it gives one", async () => {
  const { client, connect, sleep, pass, sockets } = stage({ position: START });
  const socket = await connect();
  socket.welcome();
  sleep(HOUR_MS);
  await pass(5_000);
  assert.equal(socket.sentOf("ping").length, 1);
  socket.say("pong", { cursors: { "t1.agents": 10 } });
  await pass(20_000);
  assert.deepEqual([client.state, sockets.length], ["connected", 1]);
});

test("after a sleep a socket that is dead is replaced, and what was missed is asked for", async () => {
  const { connect, socket, sleep, pass, sockets } = stage({ position: START });
  (await connect()).welcome();
  sleep(HOUR_MS);
  await pass(5_000);
  await pass(5_000);
  await pass(500);
  assert.equal(sockets.length, 2);
  socket().welcome({ "t1.agents": 99 });
  assert.deepEqual(socket().sent, [{ type: "resume", epoch: "e1", cursors: { "t1.agents": 10 } }]);
});

test("a handshake that was under way when the computer fell asleep is begun anew", async () => {
  const { client, connect, socket, sockets, sleep, pass } = stage(SLOW);
  await connect();
  sleep(HOUR_MS);
  await pass(5_000);
  assert.deepEqual([sockets.length, sockets[0].readyState], [2, 3]);
  socket().welcome();
  assert.equal(client.state, "connected");
});

test("timers that fire late, all at once, make one new socket", async () => {
  const { connect, pass, late, sockets, of } = stage();
  (await connect()).welcome();
  await late(HOUR_MS);
  await pass(6_000);
  assert.equal(sockets.length, 2);
  assert.equal(of("disconnected").length, 1);
});

test("a page that nobody looks at sleeps on: its timers are late all the time", async (/** @type {any} */ test) => {
  page(test, "hidden");
  const { client, connect, sleep, pass } = stage();
  const socket = await connect();
  socket.welcome();
  sleep(60_000);
  await pass(5_000);
  assert.deepEqual([client.state, socket.sent], ["connected", []]);
});

test("nothing ticks for a client that was disconnected or has given up", async () => {
  for (const end of ["disconnect", "forbid"]) {
    const { client, connect, sleep, pass, sockets } = stage();
    const socket = await connect();
    socket.welcome();
    if (end === "disconnect") client.disconnect();
    else socket.refuse("FORBIDDEN", 4403);
    sleep(HOUR_MS);
    await pass(60_000);
    assert.equal(sockets.length, 1);
  }
});

test("a network that is lost is noticed within five seconds, and one that is back is used at once", async (/** @type {any} */ test) => {
  const { fire } = page(test);
  const { client, connect, socket, sockets, pass } = stage(SLOW);
  (await connect()).welcome();
  fire("offline");
  await pass(5_000);
  assert.equal(client.state, "reconnecting");

  fire("online");
  await settled();
  assert.equal(sockets.length, 2);
  socket().welcome();
  assert.equal(client.state, "connected");
});

test("a page that comes back out of the browser's cache is connected at once, whoever says first that the socket is gone", async (/** @type {any} */ test) => {
  const { fire } = page(test);
  for (const closeFirst of [true, false]) {
    const { client, connect, socket, sockets } = stage({ ...SLOW, position: START });
    const old = await connect();
    old.welcome();
    if (closeFirst) old.close(1006);
    else old.readyState = 3;
    fire("pageshow");
    await settled();
    assert.equal(sockets.length, 2, `${closeFirst}`);
    socket().welcome();
    assert.equal(client.state, "connected");
    client.disconnect();
  }
});

test("after disconnect the page is not listened to any more", async (/** @type {any} */ test) => {
  const { fire, turn } = page(test);
  const { client, connect, sockets } = stage();
  (await connect()).welcome();
  client.disconnect();
  fire("online");
  fire("pageshow");
  turn("visible");
  await settled();
  assert.equal(sockets.length, 1);
});
