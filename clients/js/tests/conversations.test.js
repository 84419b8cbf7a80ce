import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { answered, conversation, desk, MINUTE, message } from "./desk.js";
import { settled } from "./fakes.js";

test("the list is there before the socket, newest first, and follows it", async () => {
  const { list, client, socket, ids } = desk();
  list.hold();
  await answered();
  assert.deepEqual(ids(), [2, 1]);

  client.connect();
  await settled();
  socket().welcome();
  await answered();
  socket().say(
    "conversation_updated",
    conversation(1, { last_message_time: `${MINUTE}59Z`, unread_count: 3 }),
    "t1.agents",
    11,
  );

  assert.deepEqual(ids(), [1, 2]);
  assert.equal(list.state.unreadCount, 3);
  assert.equal(list.state.isConnected, true);
});

test("while the socket is down REST is asked every 30 s, an error is shown, and cleared by a retry", async () => {
  const { list, pass, server, ids } = desk();
  list.hold();
  await answered();
  server.down = true;
  await pass(30_000);
  await answered();
  assert.equal(list.state.error?.code, "offline");
  assert.deepEqual(ids(), [2, 1], "what was there stays");

  server.down = false;
  server.rows = [conversation(3)];
  await list.retry();
  assert.equal(list.state.error, null);
  assert.deepEqual(ids(), [3]);

  const before = server.asked.length;
  await pass(30_000);
  assert.equal(server.asked.length, before + 1);
});

test("while the socket is up REST is left alone, and after everybody let go too", async () => {
  const { list, client, socket, pass, server } = desk();
  const letGo = list.hold();
  client.connect();
  await settled();
  socket().welcome();
  await answered();
  const before = server.asked.length;
  for (let beat = 0; beat < 4; beat += 1) {
    socket().say("heartbeat", { cursors: {} });
    await pass(15_000);
  }
  assert.equal(server.asked.length, before);

  socket().close(1006);
  letGo();
  await pass(60_000);
  assert.deepEqual(
    server.asked.slice(before).filter((line) => line.startsWith("GET conversations")),
    [],
  );
});

test("what failed is tried again after 30 s, with a socket too", async () => {
  const { list, client, socket, pass, server } = desk();
  server.down = true;
  client.connect();
  await settled();
  socket().welcome();
  list.hold();
  await answered();
  assert.equal(list.state.error?.code, "offline");

  server.down = false;
  socket().say("heartbeat", { cursors: {} });
  await pass(30_000);
  await answered();
  assert.equal(list.state.error, null);
});

test("an answer that was on its way does not undo what a frame said meanwhile", async () => {
  const { list, online, server } = desk();
  const socket = await online();
  server.held = [];
  list.hold();
  await answered();
  socket.say("conversation_updated", conversation(1, { status: "closed" }), "t1.agents", 11);
  await server.releaseBackwards();

  assert.equal(list.state.conversations.find((row) => row.id === 1)?.status, "closed");
});

test("a filter is asked of the server and kept by frames; a closed one leaves the open ones", async () => {
  const { list, client, socket, server, ids } = desk();
  list.hold();
  client.connect();
  await settled();
  socket().welcome();
  await answered();
  list.setStatusFilter("active");
  await answered();
  assert.ok(server.asked.includes("GET conversations?limit=50&status=active"));

  socket().say("conversation_updated", conversation(2, { status: "closed" }), "t1.agents", 11);
  assert.deepEqual(ids(), [1]);
  list.setStatusFilter("");
  assert.deepEqual(ids(), [2, 1]);
});

test("words are sought by the server after a pause, and what it finds is shown", async () => {
  const { list, pass, server, ids } = desk();
  list.hold();
  await answered();
  server.rows = [conversation(7)];
  list.setSearchTerm("de");
  list.setSearchTerm("deep in a message");
  await pass(300);
  await answered();

  assert.deepEqual(
    server.asked.filter((line) => line.includes("search")),
    ["GET conversations?limit=50&search=deep+in+a+message"],
  );
  assert.deepEqual(ids(), [7]);
});

test("opening joins, closing leaves; messages, ticks, reactions and tombstones follow", async () => {
  const { list, client, socket } = desk();
  list.hold();
  client.connect();
  await settled();
  socket().welcome();
  await list.selectConversation(1);
  assert.deepEqual(socket().sentOf("join")[0]?.conversation_id, 1);

  const where = { conversation_id: 1, message_id: 2 };
  socket().say("message_status", { ...where, status: "read" }, "t1.agents", 11);
  socket().say("message_status", { ...where, status: "delivered" }, "t1.agents", 12);
  socket().say("message_reaction", { ...where, reaction: "👍", user_id: 5, contact_id: null }, "t1.agents", 13);
  socket().say(
    "message_deleted",
    { conversation_id: 1, message_id: 1, deleted_by: 5, deleted_at: "now" },
    "t1.agents",
    14,
  );
  socket().say("chat_message", { conversation_id: 2, message: message(3, { conversation_id: 2 }) }, "t1.agents", 15);
  const [first, second, ...others] = list.state.currentMessages;

  assert.deepEqual([first.content, first.deleted_at], ["", "now"]);
  assert.deepEqual([second.status, second.reactions.length], ["read", 1]);
  assert.deepEqual(others, []);
  list.selectConversation(null);
  assert.equal(socket().sentOf("leave").length, 1);
  assert.deepEqual([list.state.currentConversation, list.state.currentMessages], [null, []]);
});

test("a message is shown at once and gives way to the stored one", async () => {
  const { list, client, socket } = desk();
  list.hold();
  client.connect();
  await settled();
  socket().welcome();
  await list.selectConversation(1);
  const sending = list.sendMessage("Olá");
  assert.equal(list.state.currentMessages.at(-1)?.status, "pending");

  const [{ client_message_id, request_id }] = socket().sentOf("message");
  socket().say(
    "chat_message",
    { conversation_id: 1, message: message(9, { client_message_id, content: "Olá" }) },
    "t1.agents",
    11,
  );
  socket().say("message_sent", { request_id, message_id: 9, client_message_id, conversation_id: 1 });
  await sending;

  assert.deepEqual(
    list.state.currentMessages.map((one) => [one.id, one.status]),
    [
      [1, "sent"],
      [2, "sent"],
      [9, "sent"],
    ],
  );
});

test("a message that was refused stays as failed", async () => {
  const { list, client, socket } = desk();
  list.hold();
  client.connect();
  await settled();
  socket().welcome();
  await list.selectConversation(1);
  const sending = list.sendMessage("Olá");
  const [{ request_id }] = socket().sentOf("message");
  socket().say("error", { code: "CONVERSATION_CLOSED", error: "It is closed.", request_id });

  await assert.rejects(sending, { code: "CONVERSATION_CLOSED" });
  const failed = list.state.currentMessages.at(-1);
  assert.deepEqual([failed?.status, failed?.error], ["failed", "It is closed."]);
});

test("without a socket a message goes by REST, under the number that the socket would have used", async () => {
  const { list, server } = desk();
  list.hold();
  await list.selectConversation(1);
  await list.sendMessage("Olá");

  assert.equal(server.posted.length, 1);
  assert.ok(server.posted[0].client_message_id);
  assert.deepEqual(
    list.state.currentMessages.map((one) => one.id),
    [1, 2, 900],
  );
});

test("who types is forgotten after a while, and our own typing is told at most every 3 s", async () => {
  const { list, client, socket, pass } = desk();
  list.hold();
  client.connect();
  await settled();
  socket().welcome();
  await list.selectConversation(1);
  const typing = { conversation_id: 1, user_id: null, contact_id: 1, is_typing: true, preview: null };
  socket().say("typing", typing);
  socket().say("typing", { ...typing, user_id: 7, contact_id: null });
  assert.equal(list.state.typing[1].length, 1, "what we type ourselves is no news");
  await pass(7_000);
  assert.deepEqual(list.state.typing[1], []);

  for (let key = 0; key < 5; key += 1) list.sendTyping();
  assert.equal(socket().sentOf("typing").length, 1);
  await pass(3_000);
  list.sendTyping();
  list.sendTyping(false);
  assert.deepEqual(
    socket()
      .sentOf("typing")
      .map((frame) => frame.is_typing),
    [true, true, false],
  );
});

test("what can't be resumed is fetched anew", async () => {
  const { list, client, socket, server, ids } = desk();
  list.hold();
  client.connect();
  await settled();
  socket().welcome();
  await answered();
  server.rows = [conversation(9)];
  socket().say("resync", { streams: ["t1.agents"], epoch: "e1", cursors: { "t1.agents": 50 } });
  await answered();

  assert.deepEqual(ids(), [9]);
});

test.after(() => mock.timers.reset());
