/** Fetching anew: answers that come late, in the wrong order, or not at all, leave the list as the server has it. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { answered, conversation, desk, message } from "./desk.js";

/** @param {number} status @param {Record<string, string>} [headers] */
const refusal = (status, headers) => Response.json({ errors: [{ code: "throttled" }] }, { status, headers });
/** How often the first page was asked for. @param {string[]} asked */
const fetches = (asked) => asked.filter((line) => line === "GET conversations?limit=50").length;

test("what was asked before the socket was there does not undo what was asked after it", async () => {
  const { list, online, server, ids } = desk();
  server.held = [];
  list.hold();
  await answered();
  server.rows = [...server.rows, conversation(3)];
  await online();
  await answered();
  await server.releaseBackwards();
  assert.deepEqual(ids(), [3, 2, 1]);
});

test("however often it is asked for, one fetch is under way, and one follows it for all who asked meanwhile", async () => {
  const { list, server, ids } = desk();
  server.held = [];
  list.hold();
  const asking = Array.from({ length: 10 }, () => list.loadConversations());
  await answered();
  assert.equal(fetches(server.asked), 1);

  server.rows = [conversation(3)];
  await server.releaseBackwards();
  await Promise.all(asking);
  assert.deepEqual([fetches(server.asked), ids()], [2, [3]]);
});

test("an old answer about a conversation, or about its messages, gives way to a newer one", async () => {
  const { list, online, server } = desk();
  list.hold();
  await answered();
  server.held = [];
  list.setStatusFilter("active");
  list.selectConversation(1);
  await answered();
  server.rows = [conversation(1, { unread_count: 5 }), conversation(2)];
  server.messages = [message(1), message(2, { status: "read" })];
  await online();
  await answered();
  await server.releaseBackwards();

  assert.equal(list.state.currentConversation?.unread_count, 5);
  assert.equal(list.state.currentMessages[1].status, "read");
});

test("what a filter found is not lost by a slower first page", async () => {
  const { list, server, ids } = desk();
  list.hold();
  await answered();
  server.rows = [conversation(1)];
  server.held = [];
  list.loadConversations();
  await answered();
  server.rows = [conversation(1), conversation(8, { status: "closed" })];
  list.setStatusFilter("closed");
  await answered();
  await server.releaseBackwards();
  assert.deepEqual(ids(), [8]);
});

test("a fetch that was throttled is made again when the server says, while the socket is up", async () => {
  const { list, online, server, pass, ids } = desk();
  list.hold();
  await answered();
  server.rows = [conversation(3)];
  server.refuse = () => refusal(429, { "Retry-After": "7" });
  const socket = await online();
  await answered();
  assert.deepEqual([list.state.error?.status, ids()], [429, [2, 1]]);

  server.refuse = () => null;
  const before = fetches(server.asked);
  await pass(6_999);
  assert.equal(fetches(server.asked), before, "not a moment earlier");
  await pass(1);
  await answered();
  assert.deepEqual([list.state.error, ids(), socket.readyState], [null, [3], 1]);
});

test("a fetch that failed while the socket is up is made again soon, and less and less often", async () => {
  const { list, online, server, pass } = desk();
  await online();
  server.refuse = () => refusal(503);
  list.hold();
  await answered();
  const waits = [];
  for (let last = Date.now(); waits.length < 4; ) {
    const before = fetches(server.asked);
    while (fetches(server.asked) === before) await pass(50);
    waits.push(Date.now() - last);
    last = Date.now();
    await answered();
  }
  assert.deepEqual(waits, [750, 1_500, 3_000, 6_000]);
});

test("an error stays until what failed has been fetched, whatever else succeeds", async () => {
  const { list, online, server, pass, ids } = desk();
  await online();
  list.hold();
  await answered();
  server.rows = [conversation(3)];
  server.refuse = (line) => (line === "GET conversations?limit=50" ? refusal(503) : null);
  list.loadConversations();
  await answered();
  await list.selectConversation(3);
  assert.equal(list.state.error?.status, 503);

  server.refuse = () => null;
  await pass(1_000);
  await answered();
  assert.deepEqual([list.state.error, ids()], [null, [3]]);
});

test("what will never be found is said until something else is", async () => {
  const { list, online, server } = desk();
  await online();
  list.hold();
  await answered();
  server.refuse = (line) => (line.includes("conversations/99") ? refusal(404) : null);
  await list.selectConversation(99);
  assert.equal(list.state.error?.status, 404);
  await list.selectConversation(1);
  assert.equal(list.state.error, null);
});

test("what failed is fetched as soon as there is a socket", async () => {
  const { list, online, socket, server, pass, ids } = desk();
  list.hold();
  (await online()).close(1006);
  await answered();
  server.down = true;
  list.loadConversations();
  await answered();
  server.down = false;
  server.rows = [conversation(3)];
  const before = Date.now();
  await pass(500);
  socket().welcome();
  await answered();
  assert.deepEqual([list.state.error, ids(), Date.now() - before], [null, [3], 500]);
});

test("nobody fetches for a list that nobody holds, not even what failed", async () => {
  const { list, server, pass } = desk();
  server.down = true;
  const letGo = list.hold();
  await answered();
  letGo();
  await pass(0);
  const before = server.asked.length;
  await pass(120_000);
  assert.equal(server.asked.length, before);
});

test.after(() => mock.timers.reset());
