import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, fromSnapshot, mergeConversations, mergeMessages } from "../../dashboard/static/dashboard/store.js";

const JOANA = { id: 4, name: "Joana", phone: "", avatar_url: "" };

/** @param {number} id @param {any} [more] @returns {any} */
const conversation = (id, more = {}) => ({
  id,
  contact_id: 4,
  contact: JOANA,
  assignee_id: null,
  status: "waiting",
  labels: [],
  unread_count: 0,
  last_message_time: `2026-11-21T10:00:0${id}.000000Z`,
  created_at: "2026-11-21T09:00:00.000000Z",
  csat: null,
  ...more,
});

/** @param {number} id @param {any} [more] @returns {any} */
const message = (id, more = {}) => ({
  id,
  conversation_id: 1,
  sender: "agent",
  author: { id: 7, name: "Ana" },
  content: `nº ${id}`,
  status: "pending",
  error: "",
  private: false,
  client_message_id: "",
  quoted: null,
  attachments: [],
  reactions: [],
  metadata: {},
  created_at: "2026-11-21T10:00:00.000000Z",
  deleted_at: null,
  deleted_by: null,
  ...more,
});

/** @returns {any} */
const state = () => ({
  ...fromSnapshot({
    epoch: "e1",
    cursors: { "t1.agents": 3 },
    user: { id: 7 },
    counts: { open: 2, mine: 0, waiting: 2, unassigned: 2, snoozed: 0, closed: 5 },
    conversations: [conversation(1), conversation(2)],
    agents: [{ id: 7, name: "Ana", status: "offline", last_seen: null }],
    metrics: null,
    inboxes: [],
    teams: [],
    labels: [],
  }),
  messages: { 1: [message(10), message(11, { sender: "customer", author: { id: 4, name: "Joana" } })] },
});

/** @param {string} type @param {any} data @returns {any} */
const after = (type, data, before = state()) => apply(before, { type, data });
/** @param {any[]} rows */
const ids = (rows) => rows.map((row) => row.id);

test("an unknown frame changes nothing, not even its name in the prototype", () => {
  const before = state();
  assert.equal(after("made_up", {}, before), before);
  assert.equal(after("constructor", {}, before), before);
});

test("the snapshot's place in the streams belongs to the feed, not to the state", () => {
  assert.equal("cursors" in state(), false);
  assert.deepEqual(ids(state().conversations), [2, 1]);
});

test("a frame never changes the state that it is applied to", () => {
  const before = state();
  const copy = structuredClone(before);
  after("message_deleted", { conversation_id: 1, message_id: 10, deleted_by: 7 }, before);
  after(
    "conversation_updated",
    conversation(1, { status: "closed", previous: { status: "waiting", assignee_id: null } }),
    before,
  );
  assert.deepEqual(before, copy);
});

test("a message is added to an opened conversation once, and to no other", () => {
  const twice = after("chat_message", { conversation_id: 1, message: message(12) });
  const again = after("chat_message", { conversation_id: 1, message: message(12) }, twice);
  assert.deepEqual(ids(again.messages[1]), [10, 11, 12]);

  const elsewhere = after("chat_message", { conversation_id: 2, message: message(13) });
  assert.equal(2 in elsewhere.messages, false);
});

test("the dots go when the customer's message is there", () => {
  const typing = after("typing", { conversation_id: 1, user_id: null, contact_id: 4, is_typing: true, preview: "Oi" });
  assert.deepEqual(typing.typing[1], [{ user_id: null, contact_id: 4, preview: "Oi" }]);
  const said = after(
    "chat_message",
    { conversation_id: 1, contact: JOANA, message: message(12, { sender: "customer" }) },
    typing,
  );
  assert.deepEqual(said.typing[1], []);
});

test("a delivery state only rises, and fails only before it has arrived", () => {
  const status = (/** @type {string} */ to, /** @type {any} */ before = undefined) =>
    after("message_status", { conversation_id: 1, message_id: 10, status: to, error: "x" }, before);
  const read = status("sent", status("read"));
  assert.equal(read.messages[1][0].status, "read");
  assert.equal(status("failed", read).messages[1][0].status, "read");
  const failed = status("failed");
  assert.deepEqual(status("pending", failed).messages[1][0], { ...failed.messages[1][0], status: "pending" });
  assert.deepEqual([status("failed").messages[1][0].status, status("failed").messages[1][0].error], ["failed", "x"]);
});

test("each person has one reaction, and can take it back", () => {
  const react = (/** @type {string} */ reaction, /** @type {number} */ by, /** @type {any} */ before = undefined) =>
    after("message_reaction", { conversation_id: 1, message_id: 10, reaction, user_id: by, contact_id: null }, before);
  const both = react("🎉", 8, react("❤️", 7, react("👍", 7)));
  assert.deepEqual(
    both.messages[1][0].reactions.map((/** @type {any} */ one) => one.reaction),
    ["❤️", "🎉"],
  );
  assert.equal(react("", 7, both).messages[1][0].reactions.length, 1);
});

test("a deleted message keeps its place and is no longer quoted", () => {
  const quoting = message(12, { quoted: { id: 10, content: "nº 10", sender: "agent", author: null } });
  const before = after("chat_message", { conversation_id: 1, message: quoting });
  const gone = { conversation_id: 1, message_id: 10, deleted_by: 7, deleted_at: "2026-11-21T10:05:00.000000Z" };
  const [tombstone, , reply] = after("message_deleted", gone, before).messages[1];
  assert.deepEqual([tombstone.content, tombstone.deleted_by, tombstone.deleted_at], ["", 7, gone.deleted_at]);
  assert.equal(reply.quoted.content, "");
});

test("a conversation moves to the top and from one count to another", () => {
  const taken = conversation(1, {
    status: "assigned",
    assignee_id: 7,
    last_message_time: "2026-11-21T11:00:00.000000Z",
  });
  const next = after("conversation_updated", { ...taken, previous: { status: "waiting", assignee_id: null } });
  assert.deepEqual(ids(next.conversations), [1, 2]);
  assert.deepEqual(next.counts, { open: 2, mine: 1, waiting: 1, unassigned: 1, snoozed: 0, closed: 5 });
  assert.equal("previous" in next.conversations[0], false);
});

test("a conversation that was never loaded is counted right", () => {
  const reopened = conversation(9, { previous: { status: "closed", assignee_id: null } });
  assert.deepEqual(after("conversation_updated", reopened).counts, {
    open: 3,
    mine: 0,
    waiting: 3,
    unassigned: 3,
    snoozed: 0,
    closed: 4,
  });
  const created = conversation(9, { previous: null });
  assert.equal(after("conversation_updated", created).counts.open, 3);
});

test("a frame that the snapshot had seen already counts nothing", () => {
  const seen = after("conversation_updated", conversation(2, { previous: null }));
  assert.deepEqual(seen.counts, state().counts);
});

test("an answer of REST ahead of its frame does not hide the change from the counts", () => {
  const ahead = mergeConversations(state(), [conversation(9, { status: "active", assignee_id: 7 })]);
  const told = conversation(9, {
    status: "active",
    assignee_id: 7,
    previous: { status: "waiting", assignee_id: null },
  });
  assert.deepEqual(
    [after("conversation_updated", told, ahead).counts.mine, after("conversation_updated", told, ahead).counts.open],
    [1, 2],
  );
});

test("a contact's new name stands everywhere", () => {
  const renamed = after("contact_updated", { id: 4, name: "", phone: "+55 91 9", email: "", avatar_url: "" });
  assert.equal(renamed.conversations[0].contact.name, "+55 91 9");
  assert.equal(renamed.messages[1][1].author.name, "+55 91 9");
  assert.equal(renamed.messages[1][0].author.name, "Ana");
});

test("an answer of REST that a frame has overtaken is left out", () => {
  const before = state();
  const stale = mergeConversations(before, [conversation(1, { status: "closed" }), conversation(3)], new Set([1]));
  assert.deepEqual(ids(stale.conversations), [3, 2, 1]);
  assert.equal(stale.conversations[2].status, "waiting");

  const unknown = mergeConversations(before, [conversation(4)], new Set([4]));
  assert.ok(
    unknown.conversations.some((one) => one.id === 4),
    "what is not shown yet can't be newer",
  );

  const page = mergeMessages(before, 1, [message(9), message(10, { content: "old" })], new Set([10]));
  assert.deepEqual(
    page.messages[1].map((one) => one.content),
    ["nº 9", "nº 10", "nº 11"],
  );
});

test("a rating, a record and a colleague's coming are shown", () => {
  const rating = { conversation_id: 1, survey_id: 3, rating: 5, feedback: "Ótimo" };
  const rated = after("csat_update", { ...rating, rating: 4 }, after("csat_update", rating));
  assert.deepEqual([rated.ratings.length, rated.ratings[0].rating, rated.conversations[1].csat.rating], [1, 4, 4]);
  assert.equal(after("audit_log", { id: 1, action: "message_sent" }).audit.length, 1);
  assert.equal(after("user_status", { user_id: 7, status: "online", last_seen: null }).agents[0].status, "online");
});
