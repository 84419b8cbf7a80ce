import assert from "node:assert/strict";
import { mock, test } from "node:test";

// What the window gives: a frame comes at once, and nothing is remembered.
Object.assign(globalThis, {
  matchMedia: () => ({ matches: true }),
  localStorage: { getItem: () => null },
  requestAnimationFrame: queueMicrotask,
});
let now = 1_000;
performance.now = () => now;
mock.timers.enable({ apis: ["setTimeout"] });
const { drawWith, follow, touch } = await import("../../dashboard/static/dashboard/app.js");

const frame = () => Promise.resolve();
const same = (/** @type {any} */ state) => state;
let drawn = 0;
drawWith(() => {
  drawn += 1;
});

test("a rush of frames is painted at once, and then when the eye can follow, to the last one", async () => {
  follow(same);
  await frame();
  assert.equal(drawn, 1);

  for (let number = 0; number < 50; number += 1) {
    follow(same);
    await frame();
  }
  assert.equal(drawn, 1);

  now += 100;
  mock.timers.tick(100);
  await frame();
  assert.equal(drawn, 2);
});

test("what a person does is painted at the next frame, rush or none", async () => {
  const before = drawn;
  follow(same);
  touch();
  await frame();

  assert.equal(drawn, before + 1);
});
