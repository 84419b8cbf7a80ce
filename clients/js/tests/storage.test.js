/** What is kept over a reload: where we stand, and what is on its way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { another, memory, stage } from "./fakes.js";

/** Answer every message. @param {import("./fakes.js").FakeSocket} socket */
function answerMessages(socket) {
  for (let at = 0; at < socket.sent.length; at += 1) {
    const { type, request_id, client_message_id } = socket.sent[at];
    if (type === "message") socket.say("message_sent", { request_id, client_message_id });
  }
}

test("a position that was stored is resumed from after a reload", async () => {
  const storage = memory();
  const first = await stage({ storage }).connect();
  first.welcome();
  first.event(11);
  const second = await stage({ storage }).connect();
  second.welcome({ "t1.agents": 14 });
  assert.deepEqual(second.sent, [{ type: "resume", epoch: "e1", cursors: { "t1.agents": 11 } }]);
});

test("what waits or was not answered goes out after a reload, in order, under the same ids, and then no more", async () => {
  const storage = memory();
  const before = stage({ storage });
  const first = await before.connect();
  first.welcome();
  before.client.sendMessage(5, "sent, not answered");
  before.client.sendMessage(5, "waits");
  before.client.markAsRead(5, 8);

  const { client, connect } = stage({ storage });
  client.sendMessage(5, "new");
  const second = await connect();
  second.welcome();
  answerMessages(second);
  assert.deepEqual(
    second.sentOf("message").map((frame) => frame.content),
    ["sent, not answered", "waits", "new"],
  );
  assert.equal(second.sent.find((frame) => frame.type === "read").message_id, 8);
  assert.equal(second.sent[0].client_message_id, first.sent[0].client_message_id);

  for (const frame of second.sentOf("read")) second.say("ok", { request_id: frame.request_id });
  const third = await stage({ storage }).connect();
  third.welcome();
  assert.deepEqual(third.sent, []);
});

test("a hundred that wait are kept, and count towards the hundred", async () => {
  const storage = memory();
  const before = stage({ storage });
  for (let n = 0; n < 100; n += 1) before.client.sendMessage(5, String(n));
  const { client, connect } = stage({ storage });
  assert.equal(client.queued, 100);
  await assert.rejects(client.sendMessage(5, "100"), { code: "QUEUE_FULL" });
  const socket = await connect();
  socket.welcome();
  answerMessages(socket);
  assert.deepEqual(
    socket.sent.map((frame) => frame.content),
    Array.from({ length: 100 }, (_, n) => String(n)),
  );
});

test("what one person wrote is not said by the next one who logs in", async () => {
  const storage = memory();
  const before = stage({ storage });
  (await before.connect()).welcome();
  before.sockets[0].close(1006);
  before.client.sendMessage(5, "mine");

  const { client, connect } = stage({ storage });
  const socket = await connect();
  socket.welcome({ "t1.agents": 10 }, "e1", 8);
  assert.deepEqual([socket.sentOf("message"), client.queued], [[], 0]);
});

test("a store that is full, forbidden or holds nonsense stops nothing", async () => {
  for (const kept of ["{", "7", '"x"', "[]", '{"epoch": "e1"}', '{"cursors": 3, "queue": 4}', ""]) {
    const storage = {
      getItem: () => kept,
      setItem() {
        throw new Error("QuotaExceededError");
      },
    };
    const { client, connect, seen } = stage({ storage });
    client.sendMessage(5, "one");
    const socket = await connect();
    socket.welcome();
    socket.event(11);
    assert.deepEqual([socket.sentOf("message").length, seen()], [1, [11]], kept);
  }
});

test("two tabs with one store are each told everything once, and say everything once", async () => {
  const storage = memory();
  const one = stage({ storage });
  const other = another({ storage });
  for (const { connect } of [one, other]) (await connect()).welcome();
  for (const seq of [11, 12, 13]) for (const tab of [one, other]) tab.socket().event(seq);
  assert.deepEqual(
    [one.seen(), other.seen()],
    [
      [11, 12, 13],
      [11, 12, 13],
    ],
  );

  for (const tab of [one, other]) tab.socket().close(1006);
  one.client.sendMessage(5, "from one");
  other.client.sendMessage(5, "from the other");
  for (const tab of [one, other]) {
    await tab.pass(1_000);
    tab.socket().welcome({ "t1.agents": 13 });
    answerMessages(tab.socket());
  }
  assert.deepEqual(
    [one, other].map((tab) => tab.socket().sent.map((frame) => frame.content)),
    [["from one"], ["from the other"]],
  );
});
