import assert from "node:assert/strict";
import { test } from "node:test";
import { linked } from "../../../conversations/static/conversations/widget/dom.js";
import { inkOn } from "../../../conversations/static/conversations/widget/place.js";

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
