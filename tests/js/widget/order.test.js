import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs, isBehind, placeOf } from "../../../conversations/static/conversations/widget/order.js";

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
