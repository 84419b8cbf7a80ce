/** A server that does what ours never should, over real sockets: the client ends with the right state all the same. */
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { NioChatClient } from "../src/index.js";

const STREAM = "t1.agents";
const QUICK = { delayMs: () => 5, jitter: 0, attempts: Number.POSITIVE_INFINITY };

/** @type {any} */ let server;
/** @type {(socket: any, said: any, nth: number) => void} what the server does with a frame on its nth socket */
let obey;
/** @type {(socket: any, nth: number) => void} what it does with a new socket */
let greet;
/** @type {NioChatClient[]} */ const clients = [];

/** @param {any} socket @param {string} type @param {any} [data] @param {number} [seq] */
const say = (socket, type, data = {}, seq) =>
  socket.send(JSON.stringify({ type, data, ...(seq && { stream: STREAM, seq }) }));
/** @param {any} socket @param {number} at */
const welcome = (socket, at) =>
  say(socket, "connected", { epoch: "e1", cursors: { [STREAM]: at }, heartbeat: 25, user_id: 1 });
/** @param {any} socket @param {number[]} numbers */
const events = (socket, ...numbers) => {
  for (const seq of numbers) say(socket, "chat_message", { n: seq }, seq);
};
/** The server's log, from after a cursor to its end. @param {any} socket @param {number} from @param {number} to */
const replay = (socket, from, to) => {
  for (let seq = from + 1; seq <= to; seq += 1) events(socket, seq);
  say(socket, "resumed", { cursors: { [STREAM]: to } });
};

beforeEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  server?.close();
  obey = () => {};
  greet = (socket) => welcome(socket, 0);
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  let sockets = 0;
  server.on("connection", (/** @type {any} */ socket) => {
    const nth = ++sockets;
    socket.on("message", (/** @type {any} */ text) => obey(socket, JSON.parse(text), nth));
    greet(socket, nth);
  });
  await new Promise((resolve) => server.once("listening", resolve));
});

after(() => {
  for (const client of clients) client.disconnect();
  for (const socket of server.clients) socket.terminate();
  server.close();
});

/** A client on the server, and the numbers that it told, with a promise of each count. @param {Record<string, any>} [options] */
function follow(options = {}) {
  const url = `http://127.0.0.1:${server.address().port}`;
  const client = new NioChatClient({ url, WebSocket, reconnect: QUICK, ...options });
  clients.push(client);
  /** @type {number[]} */ const seen = [];
  /** @type {{count: number, done: () => void}[]} */ const waiting = [];
  client.on("chat_message", (/** @type {any} */ { n }) => {
    seen.push(n);
    for (const { count, done } of waiting) if (seen.length >= count) done();
  });
  /** @param {number} count @returns {Promise<void>} */
  const told = (count) =>
    new Promise((done) => (seen.length >= count ? done() : waiting.push({ count, done: () => done() })));
  return { client, seen, told };
}

const range = (/** @type {number} */ count) => Array.from({ length: count }, (_, at) => at + 1);

test("holes and doubles and disorder: everything is told once, in order", async () => {
  greet = (socket) => {
    welcome(socket, 0);
    events(socket, 1, 1, 3, 2, 5, 4);
  };
  obey = (socket, { cursors }) => replay(socket, cursors[STREAM], 6);
  const { client, seen, told } = follow({ position: { epoch: "e1", cursors: { [STREAM]: 0 } } });
  await client.connect();
  await told(6);
  assert.deepEqual(seen, range(6));
});

test("a connection that breaks after each frame, and repeats some, still brings them all", async () => {
  greet = (socket) => welcome(socket, 30);
  obey = (socket, { cursors }) => {
    const from = cursors[STREAM];
    events(socket, Math.max(1, from), from + 1, Math.min(30, from + 2), Math.min(30, from + 4));
    if (from < 29) socket.terminate();
    else say(socket, "resumed", { cursors: { [STREAM]: 30 } });
  };
  const { client, seen, told } = follow({ position: { epoch: "e1", cursors: { [STREAM]: 0 } } });
  await client.connect();
  await told(30);
  assert.deepEqual(seen, range(30));
});

test("answers that come late, twice or over the wrong socket make nothing happen twice", async () => {
  /** @type {any[]} */ const stored = [];
  /** @type {any} */ let early;
  obey = (socket, frame, nth) => {
    if (!stored.some((one) => one.client_message_id === frame.client_message_id)) stored.push(frame);
    const answer = { request_id: frame.request_id, message_id: stored.length };
    if (nth === 1) {
      early = socket;
      return socket.terminate(); // Stored, but nobody hears of it.
    }
    if (early.readyState === WebSocket.OPEN) say(early, "message_sent", answer);
    say(socket, "message_sent", answer);
    say(socket, "message_sent", answer);
  };
  const { client } = follow();
  await client.connect();
  const answers = await Promise.all(range(20).map((n) => client.sendMessage(5, String(n))));

  assert.deepEqual(
    stored.map((frame) => frame.content),
    range(20).map(String),
  );
  assert.deepEqual(
    answers.map((answer) => answer.message_id),
    range(20),
  );
});

test("a handshake that is refused is tried again, and a door that is shut is not", async () => {
  let asked = 0;
  server.close();
  server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    verifyClient: (/** @type {any} */ _info, /** @type {any} */ done) => done(++asked > 2, 503),
  });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (/** @type {any} */ socket) => {
    say(socket, "error", { code: "FORBIDDEN", error: "" });
    socket.close(4403, "FORBIDDEN");
  });
  const { client } = follow();
  await assert.rejects(client.connect(), { code: "FORBIDDEN" });
  assert.deepEqual([asked, client.state], [3, "error"]);
});
