import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const TOKENS = new URL("../../dashboard/static/dashboard/css/tokens.css", import.meta.url);
const TEXT = 4.5;
const CONTROL = 3;

/** The linear light of an `oklch(L C H)`, clipped to what a screen shows. @param {number[]} colour */
function light([l, c, h]) {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
  const [x, y, z] = [
    (l + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (l - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (l - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ];
  const red = 4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z;
  const green = -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z;
  const blue = -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z;
  const clip = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));
  return 0.2126 * clip(red) + 0.7152 * clip(green) + 0.0722 * clip(blue);
}

function tokens() {
  const pair = /--([\w-]+): light-dark\(oklch\(([^)]+)\), oklch\(([^)]+)\)\)/g;
  const numbers = (/** @type {string} */ text) => text.split("/")[0].trim().split(/\s+/).map(Number);
  const found = [...readFileSync(TOKENS, "utf8").matchAll(pair)];
  return new Map(found.map(([, name, day, night]) => [name, [light(numbers(day)), light(numbers(night))]]));
}

const known = tokens();

/** @param {string} name @param {number} theme */
function lightOf(name, theme) {
  const pair = known.get(name);
  if (!pair) throw new Error(`no colour is called ${name}`);
  return pair[theme];
}

const GROUNDS = ["desk", "pane", "paper", "float", "hover", "chosen"];

/** Ink, its grounds, and what the ratio must reach. @type {[string, string[], number][]} */
const PAIRS = [
  ["ink", GROUNDS, TEXT],
  ["ink-2", GROUNDS, TEXT],
  ["ink-3", GROUNDS, TEXT],
  ["accent", GROUNDS, TEXT],
  ["danger", GROUNDS, TEXT],
  ["warning", GROUNDS, TEXT],
  ["success", ["pane", "paper", "float"], TEXT],
  ["on-accent", ["accent", "accent-strong"], TEXT],
  ["ink", ["accent-tint", "note-tint", "danger-tint", "warning-tint"], TEXT],
  ["ink-2", ["accent-tint", "note-tint", "danger-tint"], TEXT],
  ["note", ["note-tint"], TEXT],
  ["danger", ["danger-tint"], TEXT],
  ["tint-ink", Array.from({ length: 8 }, (_, n) => `tint-${n}`), TEXT],
  ["edge", ["pane", "paper", "float"], CONTROL],
  ["ring", [...GROUNDS, "note-tint"], CONTROL],
  ["chart-1", ["paper", "pane"], CONTROL],
];

for (const [ink, grounds, least] of PAIRS) {
  test(`${ink} can be read on ${grounds.join(", ")}, by day and by night`, () => {
    for (const ground of grounds) {
      for (const theme of [0, 1]) {
        const pair = [lightOf(ink, theme), lightOf(ground, theme)].sort((one, other) => other - one);
        const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
        assert.ok(ratio >= least, `${ink} on ${ground}, ${theme ? "dark" : "light"}: ${ratio.toFixed(2)} < ${least}`);
      }
    }
  });
}
