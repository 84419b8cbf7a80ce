import assert from "node:assert/strict";
import { test } from "node:test";
import { newMessageId, Outbox } from "../../../conversations/static/conversations/widget/outbox.js";
import { Corner } from "../../../conversations/static/conversations/widget/storage.js";
import { own } from "./wire.js";

/** A page's storage. */
function pageStorage() {
  const kept = new Map();
  return /** @type {any} */ ({
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
    removeItem: (/** @type {string} */ key) => kept.delete(key),
  });
}

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
