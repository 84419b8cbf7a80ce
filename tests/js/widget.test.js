import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { linked } from "../../conversations/static/conversations/widget/dom.js";
import { backoffMs, isBehind, placeOf } from "../../conversations/static/conversations/widget/order.js";
import { newMessageId, Outbox } from "../../conversations/static/conversations/widget/outbox.js";
import { inkOn } from "../../conversations/static/conversations/widget/place.js";
import { Socket } from "../../conversations/static/conversations/widget/socket.js";
import { Corner } from "../../conversations/static/conversations/widget/storage.js";
import {
  apply,
  emptyThread,
  fromSnapshot,
  newestFromTeam,
  sameGroup,
  unreadCount,
  withOlder,
  withOutbox,
} from "../../conversations/static/conversations/widget/thread.js";
import { Visitor } from "../../conversations/static/conversations/widget/visitor.js";
import { CATALOGUES, catalogueFor, Language } from "../../conversations/static/conversations/widget/words.js";

const NOON = "2026-11-21T12:00:00.000000Z";

/**
 * A message as the wire has it.
 *
 * @param {number} id
 * @param {Record<string, any>} [fields]
 */
function wire(id, fields = {}) {
  return {
    id,
    conversation_id: 1,
    sender_type: "agent",
    author: { id: null, name: "Ana", avatar_url: "" },
    content: `m${id}`,
    status: "sent",
    client_message_id: "",
    quoted: null,
    attachments: [],
    reactions: [],
    created_at: NOON,
    deleted_at: null,
    ...fields,
  };
}

/** @param {string} id */
function own(id, content = "oi") {
  return { client_message_id: id, content, attachments: [], created_at: NOON };
}

/** @param {string} type @param {Record<string, any>} data */
const frame = (type, data) => ({ type, data });
/** @param {Record<string, any>} message */
const said = (message) => frame("chat_message", { conversation_id: 1, message });
/** @param {import("../../conversations/static/conversations/widget/types.js").Thread} thread */
const contents = (thread) => thread.messages.map(({ content }) => content);

/** A page's storage. */
function pageStorage() {
  const kept = new Map();
  return /** @type {any} */ ({
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
    removeItem: (/** @type {string} */ key) => kept.delete(key),
  });
}

// --- order -------------------------------------------------------------------------------------------------------------

test("a kept frame is applied once, in the order of its stream", () => {
  const cursors = { "t1.c9": 4 };

  assert.equal(placeOf(cursors, { type: "x", data: {}, stream: "t1.c9", seq: 4 }), "drop");
  assert.equal(placeOf(cursors, { type: "x", data: {}, stream: "t1.c9", seq: 5 }), "apply");
  assert.equal(placeOf(cursors, { type: "x", data: {}, stream: "t1.c9", seq: 6 }), "resume");
  assert.equal(placeOf(cursors, { type: "x", data: {} }), "apply");
});

test("a heartbeat tells whether anything was missed", () => {
  assert.equal(isBehind({ a: 4 }, { a: 4 }), false);
  assert.equal(isBehind({ a: 4 }, { a: 5 }), true);
  assert.equal(isBehind({}, { a: 1 }), true);
});

test("waiting grows, is spread over its whole length and has an end", () => {
  assert.equal(backoffMs(0, 1), 1_200);
  assert.equal(backoffMs(3, 0.5), 4_200);
  assert.equal(backoffMs(20, 1), 30_200);
  assert.equal(backoffMs(20, 0), 200);
});

// --- the outbox ----------------------------------------------------------------------------------------------------------

test("what waits outlives a reload, in the order of writing", () => {
  const storage = pageStorage();
  const before = new Outbox(new Corner(() => storage, "k:"));
  before.put(own("a"));
  before.put(own("b"));

  const after = new Outbox(new Corner(() => storage, "k:"));
  assert.deepEqual(
    after.due.map(({ client_message_id }) => client_message_id),
    ["a", "b"],
  );
  assert.equal(after.confirm("a"), true);
  assert.equal(after.confirm("a"), false);
  assert.equal(new Outbox(new Corner(() => storage, "k:")).waiting.length, 1);
});

test("a refused message stays and goes again only when it is asked to", () => {
  const outbox = new Outbox(new Corner(pageStorage, "k:"));
  outbox.put(own("a"));
  outbox.refuse("a", "TOO_LONG");

  assert.deepEqual(outbox.due, []);
  outbox.retry("a");
  assert.equal(outbox.due.length, 1);
});

test("a page without storage keeps things as long as it lives", () => {
  const corner = new Corner(() => {
    throw new Error("SecurityError");
  }, "k:");
  corner.set("a", { b: 1 });

  assert.deepEqual(corner.get("a"), { b: 1 });
  corner.set("a", null);
  assert.equal(corner.get("a"), null);
});

test("message names are many", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newMessageId)).size, 1000);
});

// --- the thread ------------------------------------------------------------------------------------------------------------

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

// --- the socket ------------------------------------------------------------------------------------------------------------

/** The server's end. */
class Line {
  static OPEN = 1;
  /** @type {Line[]} */ static all = [];
  readyState = 1;
  /** @type {any[]} */ sent = [];
  onmessage = (/** @type {any} */ _event) => {};
  onclose = (/** @type {any} */ _event) => {};

  /** @param {string} url @param {string[]} protocols */
  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    Line.all.push(this);
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  /** @param {string} type @param {Record<string, any>} data @param {number} [seq] */
  say(type, data, seq) {
    const place = seq === undefined ? {} : { stream: "t1.c9", seq };
    this.onmessage({ data: JSON.stringify({ type, data, ...place }) });
  }
}

/** A stopped clock ends with the test that stopped it: the next one may wait for a real one. */
afterEach(() => mock.timers.reset());

/** A socket of ours whose snapshot comes when `arrive` is called. */
function connected() {
  mock.timers.enable({ apis: ["setTimeout"] });
  Line.all = [];
  Object.assign(globalThis, { WebSocket: Line });
  /** @type {number[]} */ const applied = [];
  /** @type {string[]} */ const states = [];
  /** @type {(() => void)[]} */ const snapshots = [];
  const socket = new Socket("https://chat.example", () => "tok.en", {
    frame: ({ seq }) => applied.push(Number(seq)),
    fresh: () => new Promise((resolve) => snapshots.push(() => resolve(undefined))),
    state: (state) => states.push(state),
    renew: async () => true,
  });
  socket.open();
  return { socket, applied, states, snapshots, line: () => /** @type {Line} */ (Line.all.at(-1)) };
}

const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    await Promise.resolve();
  }
};

test("the token goes in a subprotocol, never in the address", () => {
  const { line } = connected();

  assert.equal(line().url, "wss://chat.example/ws/widget/");
  assert.deepEqual(line().protocols, ["niochat.v1", "bearer.tok.en"]);
});

test("frames that arrive before the snapshot wait for it", async () => {
  const { line, applied, snapshots } = connected();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 4 } });
  line().say("chat_message", {}, 5);
  assert.deepEqual(applied, []);

  snapshots[0]();
  await settled();
  line().say("chat_message", {}, 6);
  assert.deepEqual(applied, [5, 6]);
});

test("a hole is asked for once, and nothing beyond it is taken before it is filled", async () => {
  const { line, applied, snapshots } = connected();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 4 } });
  snapshots[0]();
  await settled();
  line().say("chat_message", {}, 7);
  line().say("chat_message", {}, 8);

  assert.deepEqual(applied, []);
  assert.deepEqual(line().sent, [{ type: "resume", epoch: "e", cursors: { "t1.c9": 4 } }]);
  for (const seq of [5, 6, 7, 8]) {
    line().say("chat_message", {}, seq);
  }
  line().say("resumed", { cursors: { "t1.c9": 8 } });
  assert.deepEqual(applied, [5, 6, 7, 8]);
});

test("after a break it resumes where it stood, without a snapshot", async () => {
  const { line, applied, snapshots, states } = connected();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 4 } });
  snapshots[0]();
  await settled();
  line().onclose({ code: 1006 });
  await settled();
  mock.timers.tick(40_000);

  assert.equal(Line.all.length, 2);
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 6 } });
  assert.deepEqual(line().sent, [{ type: "resume", epoch: "e", cursors: { "t1.c9": 4 } }]);
  line().say("chat_message", {}, 5);
  line().say("chat_message", {}, 6);
  assert.deepEqual(applied, [5, 6]);
  assert.equal(snapshots.length, 1);
  assert.deepEqual(states, ["connecting", "connected", "waiting", "connecting", "connected"]);
});

test("another epoch, and a resync, mean a new snapshot", async () => {
  const { line, snapshots } = connected();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 4 } });
  snapshots[0]();
  await settled();
  line().say("resync", { streams: ["t1.c9"], epoch: "e", cursors: { "t1.c9": 90 } });
  assert.equal(snapshots.length, 2);
  snapshots[1]();
  await settled();
  line().say("connected", { epoch: "f", cursors: { "t1.c9": 1 } });
  assert.equal(snapshots.length, 3);
});

test("a stranger's first message brings them a stream, and with it a snapshot", async () => {
  const { line, snapshots } = connected();
  line().say("connected", { epoch: "e", cursors: {} });
  snapshots[0]();
  await settled();
  line().say("connected", { epoch: "e", cursors: { "t1.c9": 3 } });

  assert.equal(snapshots.length, 2);
});

test("a silent line is dead, and a final refusal is final", async () => {
  const { socket, line, states } = connected();
  line().say("connected", { epoch: "e", cursors: {} });
  mock.timers.tick(61_000);
  await settled();
  assert.equal(states.at(-1), "waiting");

  mock.timers.tick(40_000);
  line().onclose({ code: 4403 });
  await settled();
  mock.timers.tick(600_000);
  assert.equal(states.at(-1), "stopped");
  assert.equal(Line.all.length, 2);
  assert.equal(socket.send("ping"), false);
});

// --- words and colours -------------------------------------------------------------------------------------------------------

test("every language has every word", () => {
  const names = Object.keys(CATALOGUES.en.words).sort();

  for (const { words } of Object.values(CATALOGUES)) {
    assert.deepEqual(Object.keys(words).sort(), names);
    for (const name of names) {
      const gaps = (/** @type {string} */ text) => (text.match(/\{\w+\}/g) ?? []).sort();
      assert.deepEqual(gaps(words[name]), gaps(CATALOGUES.en.words[name]), name);
    }
  }
});

test("a refused message tells why in the visitor's language, by the code of the frame", () => {
  const language = new Language(["pt-BR"]);

  assert.equal(language.why("TOO_LONG"), "É longa demais.");
  assert.equal(language.why("INTERNAL"), undefined);
});

test("the first language that the widget speaks is taken, else English", () => {
  assert.equal(catalogueFor(["de-DE", null, "es-MX", "pt"]).tag, "es");
  assert.equal(catalogueFor(["pt_BR"]).tag, "pt-BR");
  assert.equal(catalogueFor(["ja"]).tag, "en");
});

test("days and times are said as people say them", () => {
  const pt = new Language(["pt"]);
  const now = new Date(2026, 10, 21, 15, 0);
  const on = (/** @type {number} */ day, hour = 9) => new Date(2026, 10, day, hour).toISOString();

  assert.equal(pt.day(on(21), now), "Hoje");
  assert.equal(pt.day(on(20), now), "Ontem");
  assert.equal(pt.day(on(3), now), "3 de novembro");
  assert.equal(pt.soon(on(22), now), "amanhã às 09:00");
  assert.equal(pt.soon(on(23), now), "segunda-feira às 09:00");
  assert.equal(pt.count("unread", 1), "1 mensagem nova");
  assert.equal(pt.count("unread", 3), "3 mensagens novas");
});

test("what stands on the accent can be read", () => {
  assert.equal(inkOn("#006b86"), "#fff");
  assert.equal(inkOn("#ffd54a"), "#10191c");
  assert.equal(inkOn("#fff"), "#10191c");
  assert.equal(inkOn("#000"), "#fff");
});

test("a link that would run is text", () => {
  const made = /** @type {string[]} */ ([]);
  const node = () => ({
    getAttribute: () => null,
    setAttribute: (/** @type {string} */ name, /** @type {string} */ value) => name === "href" && made.push(value),
    append: () => {},
  });
  const page = /** @type {any} */ (globalThis);
  page.document = { createElement: node };

  for (const text of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<b>",
    "vbscript:x",
    "file:///etc",
  ]) {
    assert.deepEqual(linked(text), [text]);
  }
  linked("veja https://loja.example/a?b=1. Obrigada");
  delete page.document;

  assert.deepEqual(made, ["https://loja.example/a?b=1"]);
});

test("the widget speaks only what the team answers in", () => {
  assert.equal(catalogueFor(["en-GB", "es"], ["pt-br", "es"]).tag, "es");
  assert.equal(catalogueFor(["en"], ["pt-br"]).tag, "pt-BR");
  assert.equal(catalogueFor(["ja"], ["es", "en"]).tag, "en");
  assert.equal(catalogueFor(["ja"], []).tag, "en");
});

test("a stranger is announced once, however many wait for the token", async () => {
  const kept = new Map();
  /** @type {any} */
  const corner = {
    get: (/** @type {string} */ name) => kept.get(name) ?? null,
    set: (/** @type {string} */ name, /** @type {any} */ value) => kept.set(name, value),
  };
  let asked = 0;
  /** @type {any} */
  const api = {
    token: "",
    session: async () => {
      asked += 1;
      const token = `t${asked}`;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { token, contact: { name: "", email: "" } };
    },
  };
  const visitor = new Visitor(api, corner);

  await Promise.all([visitor.known(), visitor.known()]);
  await visitor.known();

  assert.equal(asked, 1);
  assert.equal(api.token, "t1");
});
