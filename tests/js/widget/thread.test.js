import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apply,
  emptyThread,
  fromSnapshot,
  newestFromTeam,
  sameGroup,
  unreadCount,
  withOlder,
  withOutbox,
} from "../../../conversations/static/conversations/widget/thread.js";
import { contents, frame, own, said, wire } from "./wire.js";

test("our own message is drawn once: waiting, then stored", () => {
  let thread = withOutbox(emptyThread(), [own("a", "Tem vaso?")]);
  assert.equal(thread.messages[0].status, "queued");

  thread = apply(thread, said(wire(7, { sender_type: "contact", content: "Tem vaso?", client_message_id: "a" })));
  assert.deepEqual(contents(thread), ["Tem vaso?"]);
  assert.equal(thread.messages[0].id, 7);
  assert.deepEqual(contents(withOutbox(thread, [own("a", "Tem vaso?")])), ["Tem vaso?"]);
});

test("messages stand by their number however they come, and what waits stands last", () => {
  let thread = withOutbox(emptyThread(), [own("x", "espera")]);
  for (const id of [3, 1, 2, 3]) {
    thread = apply(thread, said(wire(id)));
  }

  assert.deepEqual(contents(thread), ["m1", "m2", "m3", "espera"]);
});

test("a snapshot keeps the older pages and what waits", () => {
  let thread = withOlder(emptyThread(), [wire(1), wire(2)], false);
  thread = withOutbox(thread, [own("x", "espera")]);
  thread = fromSnapshot(thread, {
    conversation: { id: 1, status: "open", team_read: 4, own_read: 3 },
    messages: [wire(3), wire(4)],
    has_more: true,
    survey: null,
    online: true,
    agents: [],
  });

  assert.deepEqual(contents(thread), ["m1", "m2", "m3", "m4", "espera"]);
  assert.deepEqual([thread.teamRead, thread.ownRead, thread.complete], [4, 3, false]);
});

test("only what the team wrote and nobody has seen is unread", () => {
  let thread = apply(emptyThread(), said(wire(1)));
  thread = apply(thread, said(wire(2, { sender_type: "contact" })));
  thread = apply(thread, said(wire(3, { sender_type: "bot" })));
  assert.equal(unreadCount(thread), 2);
  assert.equal(newestFromTeam(thread), 3);

  thread = apply(thread, frame("message_deleted", { message_id: 3 }));
  assert.equal(unreadCount(thread), 1);
  assert.equal(unreadCount({ ...thread, ownRead: 3 }), 0);
});

test("a deleted message keeps its place and loses what it said", () => {
  let thread = apply(emptyThread(), said(wire(1)));
  thread = apply(thread, frame("message_deleted", { message_id: 1 }));

  assert.deepEqual([thread.messages[0].deleted, thread.messages[0].content], [true, ""]);
});

test("each side has one reaction, and may take it back", () => {
  let thread = apply(
    emptyThread(),
    said(wire(1, { reactions: [{ reaction: "👍", user_id: null, contact_id: null }] })),
  );
  assert.deepEqual(thread.messages[0].reactions, { customer: "", agent: "👍" });

  thread = apply(thread, frame("message_reaction", { message_id: 1, reaction: "🙏", by: "customer" }));
  thread = apply(thread, frame("message_reaction", { message_id: 1, reaction: "", by: "agent" }));
  assert.deepEqual(thread.messages[0].reactions, { customer: "🙏", agent: "" });
});

test("read marks never move back, and an answer ends the typing", () => {
  let thread = apply(emptyThread(), frame("message_read", { message_id: 5 }));
  thread = apply(thread, frame("message_read", { message_id: 3 }));
  assert.equal(thread.teamRead, 5);

  thread = apply(thread, frame("typing", { is_typing: true, agent: { id: null, name: "Ana", avatar_url: "" } }));
  assert.equal(thread.typing?.name, "Ana");
  assert.equal(apply(thread, said(wire(6))).typing, null);
});

test("a survey leaves when the conversation goes on", () => {
  let thread = apply(emptyThread(), frame("conversation_updated", { conversation_id: 1, status: "closed" }));
  thread = apply(thread, frame("survey", { conversation_id: 1, token: "t", url: "" }));
  assert.deepEqual(thread.survey, { token: "t", rating: null, feedback: "" });

  thread = apply(thread, frame("conversation_updated", { conversation_id: 1, status: "open" }));
  assert.equal(thread.survey, null);
});

test("a frame that nobody knows changes nothing", () => {
  const thread = emptyThread();

  assert.equal(apply(thread, frame("tomorrow", {})), thread);
});

test("messages of one sender within three minutes share a group", () => {
  const { messages } = [1, 2, 3].reduce(
    (thread, id) => apply(thread, said(wire(id, { created_at: `2026-11-21T12:0${id === 3 ? 6 : id}:00Z` }))),
    emptyThread(),
  );

  assert.equal(sameGroup(messages[0], messages[1]), true);
  assert.equal(sameGroup(messages[1], messages[2]), false);
  assert.equal(sameGroup(messages[2], undefined), false);
});
