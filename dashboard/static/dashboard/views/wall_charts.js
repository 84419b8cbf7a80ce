/** The charts of the wall: four, one under another, on the same time; each has its table behind a button. */

import { touch } from "../app.js";
import { fetchSeries, pointsOf, wallData } from "../numbers.js";
import { dayAndClock, shortDay, shortSpan, span } from "../time.js";
import { keyed } from "../vendor/lit-html/directives/keyed.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { number } from "../words.js";
import { iconButton, trouble } from "./parts.js";

/**
 * @typedef {import("../numbers.js").Metric} Metric
 * @typedef {object} Chart
 * @property {Metric} metric
 * @property {() => string} name
 * @property {"bars" | "line"} look
 * @property {[number, number] | null} range
 * @property {number[]} steps
 * @property {(value: number) => string} say
 */

const NUMBERS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000];
const SECONDS = [30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400, 172_800, 604_800];
const whole = (/** @type {number} */ value) => number(value, { maximumFractionDigits: 1 });

/** @type {Chart[]} */
const CHARTS = [
  {
    metric: "conversations",
    name: () => gettext("New conversations"),
    look: "bars",
    range: null,
    steps: NUMBERS,
    say: whole,
  },
  { metric: "messages", name: () => gettext("Messages"), look: "bars", range: null, steps: NUMBERS, say: whole },
  {
    metric: "response_time",
    name: () => gettext("Response time"),
    look: "line",
    range: null,
    steps: SECONDS,
    say: shortSpan,
  },
  {
    metric: "satisfaction",
    name: () => gettext("Satisfaction"),
    look: "line",
    range: [0.8, 5.2],
    steps: [1, 3, 5],
    say: whole,
  },
];

/** @type {Set<Metric>} charts that show their table */
const asTables = new Set();
/** What each box shows, so that it is drawn again only when that changes. @type {WeakMap<Element, string>} */
const shows = new WeakMap();
/** @type {Promise<typeof import("../charts.js")> | null} */
let drawing = null;
const night = matchMedia("(prefers-color-scheme: dark)");
night.addEventListener("change", touch);

export function charts() {
  plotting();
  const failed = wallData.error && !pointsOf("conversations").shown;
  return html`<section class="charts" aria-label=${gettext("Over time")}>
    ${failed ? trouble(gettext("The charts could not be loaded."), fetchSeries) : CHARTS.map(chart)}
  </section>`;
}

/** What draws comes while the points do; a module that the network lost is asked for again. */
function plotting() {
  drawing ??= import("../charts.js").catch((lost) => {
    drawing = null;
    throw lost;
  });
  return drawing;
}

/** @param {Chart} one */
function chart(one) {
  const points = pointsOf(one.metric).shown;
  const table = asTables.has(one.metric);
  const toggle = () => {
    if (!asTables.delete(one.metric)) asTables.add(one.metric);
    touch();
  };
  return html`<figure class="chart">
    <figcaption><h2>${one.name()}</h2><output></output>${iconButton("table", table ? gettext("Show the chart") : gettext("Show the table"), toggle, { pressed: table, tip: "left" })}</figcaption>
    ${points ? (table ? tableOf(one, points) : keyed(points, box(one, points))) : html`<div class="chart-box"></div>`}
  </figure>`;
}

/** @param {Chart} one @param {import("../numbers.js").Point[]} points */
function box(one, points) {
  const draw = (/** @type {Element | undefined} */ element) =>
    element instanceof HTMLElement && paint(element, one, points);
  return html`<div class="chart-box" role="img" aria-label=${one.name()} ${ref(draw)}></div>`;
}

/** @param {HTMLElement} element @param {Chart} one @param {import("../numbers.js").Point[]} points */
async function paint(element, one, points) {
  const look = JSON.stringify([points, night.matches, document.documentElement.dataset.theme]);
  if (shows.get(element) === look) return;
  shows.set(element, look);
  const { draw } = await plotting();
  if (!element.isConnected) return;
  draw(element, {
    times: points.map((point) => Date.parse(point.time) / 1000),
    values: points.map((point) => point.value),
    look: one.look,
    range: one.range,
    steps: one.steps,
    say: one.say,
    hourly: wallData.span === "24h",
    zone: wallData.zone,
    dated: one === CHARTS.at(-1),
    point: (at) => readOut(element, one, at === null ? undefined : points[at]),
  });
}

/** Say the point under the pointer, in every chart at once. @param {Element} element @param {Chart} one @param {import("../numbers.js").Point} [point] */
function readOut(element, one, point) {
  const output = element.closest("figure")?.querySelector("output");
  if (output) output.textContent = point ? `${whenOf(point)}: ${saying(one, point)}` : "";
}

/** @param {import("../numbers.js").Point} point */
const whenOf = ({ time }) => (wallData.span === "24h" ? dayAndClock(time) : shortDay(time, wallData.zone));

/** @param {Chart} one @param {import("../numbers.js").Point} point */
function saying(one, { value }) {
  if (value === null) return "–";
  return one.metric === "response_time" ? span(value) : whole(value);
}

/** @param {Chart} one @param {import("../numbers.js").Point[]} points */
function tableOf(one, points) {
  return html`<div class="chart-table" tabindex="0" role="region" aria-label=${one.name()}><table>
    <thead><tr><th scope="col">${gettext("When")}</th><th scope="col">${one.name()}</th></tr></thead>
    <tbody>${[...points].reverse().map((point) => html`<tr><td>${whenOf(point)}</td><td>${saying(one, point)}</td></tr>`)}</tbody>
  </table></div>`;
}
