/**
 * What the five documents call things, and that the client answers to it: their method names, options and states.
 * `handleMessage` and the hooks' own state are the documents' insides; the hooks are in `niochat-client/react`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { presets } from "../src/index.js";
import { settled, stage } from "./fakes.js";

/** @type {Record<string, string[]>} */
const METHODS = {
  "NioChat: class, Vue plugin, Angular service, reconnecting class": [
    "connect",
    "attemptReconnect",
    "send",
    "on",
    "off",
    "emit",
    "disconnect",
    "isConnected",
  ],
  FastAPI: [
    "connect",
    "disconnect",
    "sendMessage",
    "sendTyping",
    "markAsRead",
    "joinConversation",
    "leaveConversation",
    "setPresence",
    "sync",
  ],
  "Socket.IO": [
    "connect",
    "disconnect",
    "joinConversation",
    "leaveConversation",
    "onNewMessage",
    "onMessageStatus",
    "onTyping",
    "startTyping",
    "stopTyping",
    "isConnected",
  ],
  PyTake: ["connect", "disconnect", "sendMessage", "markAsRead"],
  sysZap: ["connect", "on", "off", "send", "disconnect", "isConnected"],
};

for (const [document, methods] of Object.entries(METHODS))
  test(`the client has the methods of ${document}`, () => {
    const client = /** @type {any} */ (stage().client);
    for (const method of methods) assert.equal(typeof client[method], "function", method);
  });

test("the states are those of the document that lists them", async () => {
  const { client, connect, socket, pass } = stage({ reconnect: { ...presets.niochat, attempts: 1 } });
  /** @type {string[]} */ const states = [client.connectionStatus];
  client.on("state", () => states.push(client.connectionStatus));
  (await connect()).welcome();
  socket().close(1006);
  await pass(5_000);
  socket().close(1006);
  assert.deepEqual([...new Set(states)], ["disconnected", "connecting", "connected", "reconnecting", "error"]);
});

test("the debug hooks hear ups, downs, frames and errors", async () => {
  /** @type {any[]} */ const heard = [];
  const hook = (/** @type {string} */ name) => (/** @type {any} */ told) => heard.push([name, told]);
  const { connect } = stage({
    onConnect: hook("connect"),
    onDisconnect: hook("disconnect"),
    onMessage: (/** @type {any} */ frame) => heard.push(["message", frame.type]),
    onError: (/** @type {any} */ problem) => heard.push(["error", problem.code]),
    reconnect: false,
  });
  const socket = await connect();
  socket.welcome({});
  socket.refuse("FORBIDDEN", 4403);

  assert.deepEqual(
    heard.map(([name]) => name),
    ["message", "connect", "message", "error", "disconnect", "error"],
  );
  assert.deepEqual(heard[4][1], { code: 4403, reason: "FORBIDDEN" });
});

test("connect takes a token, as two documents have it, and believes no ids, as one gives them", async () => {
  for (const [given, shown] of [
    [["t9"], "bearer.t9"],
    [["company", "user"], "bearer.t0"],
  ]) {
    const { client, socket } = stage({ token: "t0" });
    client.connect(.../** @type {[string, any?]} */ (given));
    await settled();
    assert.equal(socket().protocols?.[1], shown);
  }
});

test("typing, messages and their status are heard and said by the names of Socket.IO's document", async () => {
  const { client, connect } = stage();
  /** @type {string[]} */ const heard = [];
  const removals = [
    client.onNewMessage((/** @type {any} */ { n }) => heard.push(`message ${n}`)),
    client.onMessageStatus(({ status }) => heard.push(status)),
    client.onTyping(({ is_typing }) => heard.push(`typing ${is_typing}`)),
  ];
  const socket = await connect();
  socket.welcome();
  socket.event(11);
  socket.say("message_status", { status: "read" });
  socket.say("typing", { is_typing: true });
  for (const remove of removals) remove();
  socket.event(12);
  client.startTyping(5);
  client.stopTyping(5);

  assert.deepEqual(heard, ["message 11", "read", "typing true"]);
  assert.deepEqual(
    socket.sentOf("typing").map((frame) => frame.is_typing),
    [true, false],
  );
});

test("a frame is told as it came, its words in their order: the documents' programs print them", async () => {
  /** @type {string[]} */ const heard = [];
  const { connect } = stage({ onMessage: (/** @type {any} */ frame) => heard.push(JSON.stringify(frame)) });
  const socket = await connect();
  socket.welcome();
  const text = '{"type":"chat_message","data":{"n":1},"stream":"t1.agents","seq":11}';
  socket.onmessage({ data: text });
  assert.equal(heard.at(-1), text);
});
