import assert from "node:assert/strict";
import { test } from "node:test";
import { settled, stage } from "./fakes.js";

/** Answer a command as the server does. @param {import("./fakes.js").FakeSocket} socket @param {any} frame @param {any} [data] */
const answer = (socket, frame, data = {}) =>
  socket.say(frame.type === "message" ? "message_sent" : "ok", { ...data, request_id: frame.request_id });

/** Answer all messages, one after the other as they come. @param {import("./fakes.js").FakeSocket} socket */
function answerMessages(socket) {
  for (let at = 0; at < socket.sent.length; at += 1) answer(socket, socket.sent[at]);
}

test("what is sent while away goes out in order and once when back, and the 101st is refused aloud", async () => {
  const { client, connect } = stage();
  const sent = Array.from({ length: 100 }, (_, n) => client.sendMessage(5, String(n)));
  await assert.rejects(client.sendMessage(5, "100"), { code: "QUEUE_FULL" });
  assert.equal(client.queued, 100);
  const socket = await connect();
  socket.welcome();
  answerMessages(socket);
  await Promise.all(sent);

  assert.deepEqual(
    socket.sent.map((frame) => frame.content),
    Array.from({ length: 100 }, (_, n) => String(n)),
  );
  assert.equal(new Set(socket.sent.map((frame) => frame.client_message_id)).size, 100);
  assert.equal(client.queued, 0);
});

test("the 101st is told to whoever listens to errors, too", async () => {
  const { client, of } = stage();
  for (let n = 0; n < 100; n += 1) client.markAsRead(5, n);
  await client.markAsRead(5, 100).catch(() => {});
  assert.deepEqual(of("error"), [{ code: "QUEUE_FULL", error: "100 frames wait already." }]);
});

test("a message that was not answered goes again over the next socket, with the same id and before what follows", async () => {
  const { client, connect, socket, pass } = stage();
  const first = await connect();
  first.welcome();
  const one = client.sendMessage(5, "one");
  const two = client.sendMessage(5, "two");
  assert.equal(first.sent.length, 1);
  first.close(1006);
  answer(first, first.sent[0]);
  await pass(1_000);
  socket().welcome();
  assert.deepEqual(socket().sent, first.sent);

  answer(socket(), socket().sent[0], { message_id: 8 });
  answer(socket(), socket().sent[1], { message_id: 9 });
  answer(socket(), socket().sent[1], { message_id: 99 });
  assert.deepEqual([(await one).message_id, (await two).message_id], [8, 9]);
});

test("an answered message is not sent again", async () => {
  const { client, connect, socket, pass } = stage();
  const first = await connect();
  first.welcome();
  client.sendMessage(5, "one");
  answer(first, first.sent[0]);
  first.close(1006);
  await pass(1_000);
  socket().welcome();
  assert.deepEqual(socket().sent, []);
});

test("what the server refuses rejects with its reason and holds nothing up", async () => {
  const { client, connect } = stage();
  const socket = await connect();
  socket.welcome();
  const bad = client.sendMessage(5, "bad");
  const good = client.sendMessage(6, "good");
  socket.say("error", { code: "NOT_FOUND", error: "Not found.", request_id: socket.sent[0].request_id });
  await assert.rejects(bad, (/** @type {any} */ problem) => {
    assert.deepEqual([problem.code, problem.message, problem.frame.content], ["NOT_FOUND", "Not found.", "bad"]);
    return true;
  });
  answer(socket, socket.sent[1]);
  await good;
});

test("what is refused for now only is said again when it may be, before what follows", async () => {
  const { client, connect, pass } = stage();
  const socket = await connect();
  socket.welcome();
  client.sendMessage(5, "one");
  client.sendMessage(5, "two");
  const { request_id } = socket.sent[0];
  socket.say("error", { code: "UNAVAILABLE", error: "", retry_after: 2, request_id });
  await pass(1_999);
  assert.equal(socket.sent.length, 1);
  await pass(1);
  assert.deepEqual(
    socket.sent.map((frame) => frame.content),
    ["one", "one"],
  );
});

test("a socket whose commands are not answered is replaced", async () => {
  const { client, connect, pass } = stage();
  const socket = await connect();
  socket.welcome();
  client.sendMessage(5, "one");
  for (let beats = 0; beats < 2; beats += 1) {
    await pass(25_000);
    socket.say("heartbeat", { cursors: {} });
  }
  assert.equal(client.state, "reconnecting");
});

test("a frame that the server would break over is refused here", async () => {
  const { client } = stage();
  await assert.rejects(client.sendMessage(5, "\u{1F331}".repeat(17_000)), { code: "TOO_LARGE" });
  assert.equal(client.queued, 0);
});

test("what waits when the client is disconnected, or given up, is refused", async () => {
  const stopped = stage();
  const one = stopped.client.sendMessage(5, "one");
  await stopped.connect();
  stopped.client.disconnect();
  await assert.rejects(one, { code: "STOPPED" });

  const refused = stage({ token: "t" });
  const two = refused.client.sendMessage(5, "two");
  (await refused.connect()).refuse("FORBIDDEN", 4403);
  await assert.rejects(two, { code: "FORBIDDEN" });
});

test("typing is only told while there is somebody to tell", async () => {
  const { client, connect } = stage();
  client.startTyping(5);
  const socket = await connect();
  socket.welcome();
  client.stopTyping(5);
  assert.deepEqual(socket.sent, [{ type: "typing", conversation_id: 5, is_typing: false }]);
});

test("joined conversations are joined again, before what waits, and left ones are not", async () => {
  const { client, connect, socket, pass } = stage();
  const first = await connect();
  first.welcome();
  const joined = client.joinConversation(5);
  client.joinConversation(6);
  for (const frame of [...first.sent]) first.say("viewers", { request_id: frame.request_id, user_ids: [7] });
  assert.deepEqual((await joined).user_ids, [7]);
  first.close(1006);
  client.sendMessage(5, "one");
  client.leaveConversation(6);
  client.joinConversation(8);
  client.joinConversation(9);
  client.leaveConversation(9);
  await pass(1_000);
  socket().welcome();
  await settled();

  assert.deepEqual(
    socket().sent.map((frame) => [frame.type, frame.conversation_id]),
    [
      ["join", 8],
      ["join", 5],
      ["message", 5],
    ],
  );
});

test("a conversation that can't be joined is not tried again", async () => {
  const { client, connect, socket, pass } = stage();
  const first = await connect();
  first.welcome();
  const joining = client.joinConversation(5);
  first.say("error", { code: "NOT_FOUND", error: "", request_id: first.sent[0].request_id });
  await assert.rejects(joining, { code: "NOT_FOUND" });
  first.close(1006);
  await pass(1_000);
  socket().welcome();
  assert.deepEqual(socket().sent, []);
});

test("every command has the fields that the server reads", async () => {
  const { client, connect } = stage();
  const socket = await connect();
  socket.welcome();
  client.markAsRead(5, 8);
  client.react(8, "👍");
  client.deleteMessage(8);
  client.setPresence("busy");
  client.sync(5, 8);
  client.send("ping", {});
  client.send({ type: "read", conversation_id: 5, request_id: "mine" });
  client.sendMessage({ conversation_id: 5, content: "x", private: true, client_message_id: "c1" });

  const sent = socket.sent.map(({ request_id, ...frame }) => frame);
  assert.deepEqual(sent, [
    { type: "read", conversation_id: 5, message_id: 8 },
    { type: "react", message_id: 8, reaction: "👍" },
    { type: "delete", message_id: 8 },
    { type: "presence", status: "busy" },
    { type: "sync", conversation_id: 5, last_message_id: 8 },
    { type: "ping" },
    { type: "read", conversation_id: 5 },
    { type: "message", conversation_id: 5, content: "x", private: true, client_message_id: "c1" },
  ]);
  assert.equal(socket.sent[6].request_id, "mine");
});
