/** What a tab keeps of a person's work: over a reload, over an ended session, and from the next person. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** @type {Map<string, string>} */
const store = new Map();
/** @type {string[]} */
const visited = [];
Object.assign(globalThis, {
  matchMedia: () => ({ matches: true }),
  localStorage: { getItem: () => null },
  sessionStorage: {
    getItem: (/** @type {string} */ name) => store.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => store.set(name, value),
    removeItem: (/** @type {string} */ name) => store.delete(name),
    key: (/** @type {number} */ at) => [...store.keys()][at] ?? null,
    get length() {
      return store.size;
    },
  },
  requestAnimationFrame: queueMicrotask,
  document: { documentElement: { lang: "en" }, cookie: "" },
  location: { pathname: "/c/7/", assign: (/** @type {string} */ to) => visited.push(to) },
});
const { ui, update } = await import("../../dashboard/static/dashboard/app.js");
const { draftOf, keepDraft, restoreDrafts } = await import("../../dashboard/static/dashboard/drafts.js");
const { restore, send } = await import("../../dashboard/static/dashboard/outbox.js");

/** @param {number} id */
function enters(id) {
  Object.assign(ui, { drafts: {}, outbox: [] });
  update(() => /** @type {any} */ ({ user: { id, tenant_id: 1 }, messages: {} }));
}

/** @param {number} status @param {any} body */
function answers(status, body) {
  globalThis.fetch = async () => new Response(JSON.stringify(body), { status });
}

const WORDS = { conversation_id: 7, content: "Oi", private: false, reply_to: null, attachments: [] };
const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  store.clear();
  enters(1);
});

test("a draft comes back with the files that had gone up, and each can still be taken out", () => {
  const file = /** @type {any} */ ({ name: "a.png", size: 3, type: "image/png" });
  const attachment = /** @type {any} */ ({ id: 5, content_type: "image/png" });
  const gone = { key: "a", file, part: 1, attachment, error: "", cancel() {} };
  keepDraft(7, { text: "meio", uploads: [gone, { ...gone, key: "b", attachment: null }] });

  enters(1);
  restoreDrafts();
  const [upload, ...none] = ui.drafts[7].uploads;
  assert.deepEqual([ui.drafts[7].text, upload.attachment?.id, none.length], ["meio", 5, 0]);
  upload.cancel();
});

test("whoever comes next finds an empty box and sends nothing for somebody else", async () => {
  answers(503, {});
  keepDraft(7, { text: "segredo" });
  send(WORDS);
  await settled();

  enters(2);
  restoreDrafts();
  restore();
  assert.deepEqual([ui.drafts, ui.outbox, draftOf(7).text], [{ 7: draftOf(7) }, [], ""]);
});

test("what a session that has ended refuses waits for the log-in, to which it leads", async () => {
  answers(401, { errors: [{ code: "not_authenticated", detail: "" }] });
  send(WORDS);
  await settled();

  assert.equal(ui.outbox[0].state, "waiting");
  assert.deepEqual(visited.splice(0), ["/login/?session=ended&next=%2Fc%2F7%2F"]);
});

test("what may not be said is told so, and stays to be changed", async () => {
  answers(409, { errors: [{ code: "window_closed", detail: "Too late." }] });
  send(WORDS);
  await settled();

  assert.deepEqual([ui.outbox[0].state, ui.outbox[0].error], ["failed", "Too late."]);
});
