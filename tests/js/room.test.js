/** How much a reply may say, and what the composer tells of it. */

import assert from "node:assert/strict";
import test from "node:test";
import { roomFor } from "../../dashboard/static/dashboard/room.js";

const WHATSAPP = { text: 4096, caption: 1024, buttons: 1024, splits: false };
const TELEGRAM = { text: 4096, caption: 1024, buttons: null, splits: true };
const PICTURE = { content_type: "image/png" };
const SOUND = { content_type: "audio/ogg" };

test("little is not worth a word", () => {
  assert.equal(roomFor(WHATSAPP, "Oi").shown, false);
  assert.equal(roomFor(undefined, "x".repeat(10_000)).shown, false);
});

test("what comes near to the limit is counted, and what is beyond can't be sent", () => {
  const near = roomFor(WHATSAPP, "x".repeat(4000));
  assert.deepEqual([near.shown, near.over, near.used, near.most], [true, false, 4000, 4096]);
  assert.equal(roomFor(WHATSAPP, "x".repeat(4097)).over, true);
  assert.equal(roomFor(WHATSAPP, "x".repeat(4096)).over, false);
});

test("under a file there is less room, but a sound goes by itself", () => {
  assert.equal(roomFor(WHATSAPP, "x".repeat(1025), PICTURE).over, true);
  assert.equal(roomFor(WHATSAPP, "x".repeat(1025), SOUND).over, false);
});

test("a channel that parts long texts takes them, up to what the product takes", () => {
  const long = roomFor(TELEGRAM, "x".repeat(5000));
  assert.deepEqual([long.over, long.parts, long.most], [false, true, 16_384]);
  assert.equal(roomFor(TELEGRAM, "x".repeat(1100), PICTURE).parts, true);
  assert.equal(roomFor(TELEGRAM, "x".repeat(16_385)).over, true);
});

test("an emoji counts as it does for the channel, and spaces around nothing", () => {
  assert.equal(roomFor(WHATSAPP, "👍".repeat(2049)).over, true);
  assert.equal(roomFor(WHATSAPP, ` ${"x".repeat(4096)}\n`).over, false);
});
