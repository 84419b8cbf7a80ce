import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor } from "../../../conversations/static/conversations/widget/visitor.js";

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
