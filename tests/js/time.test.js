import assert from "node:assert/strict";
import { mock, test } from "node:test";

mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 10, 21) });
process.env.TZ = "America/Los_Angeles";
Object.assign(globalThis, { document: { documentElement: { lang: "en" } } });
const { clock, shortDay } = await import("../../dashboard/static/dashboard/time.js");

// Midnight in Belém, where the company is.
const MIDNIGHT = "2026-03-12T03:00:00Z";

test("a company's day has the company's date, wherever it is read", () => {
  assert.equal(shortDay(MIDNIGHT, "America/Belem"), "Mar 12");
});

test("a moment has the reader's own date and hour", () => {
  assert.equal(shortDay(MIDNIGHT), "Mar 11");
  assert.match(clock(MIDNIGHT), /^8:00/);
});
