import assert from "node:assert/strict";
import { test } from "node:test";
import { CATALOGUES, catalogueFor, Language } from "../../../conversations/static/conversations/widget/words.js";

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

test("the widget speaks only what the team answers in", () => {
  assert.equal(catalogueFor(["en-GB", "es"], ["pt-br", "es"]).tag, "es");
  assert.equal(catalogueFor(["en"], ["pt-br"]).tag, "pt-BR");
  assert.equal(catalogueFor(["ja"], ["es", "en"]).tag, "en");
  assert.equal(catalogueFor(["ja"], []).tag, "en");
});
