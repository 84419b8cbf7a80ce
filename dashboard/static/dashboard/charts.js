/** Drawn lines over time. Loaded when the wall is first opened; a canvas says nothing, so each chart has its table. */

import { clock, shortDay } from "./time.js";
import uPlot from "./vendor/uplot/uPlot.esm.js";

/**
 * @typedef {object} Plot
 * @property {number[]} times                 seconds
 * @property {(number | null)[]} values
 * @property {"bars" | "line"} look
 * @property {[number, number] | null} range  of the upright axis; null: from nothing to the greatest
 * @property {number[]} steps                 that the upright axis may count in, or, with a range, its marks
 * @property {(value: number) => string} say
 * @property {boolean} hourly                  in the reader's hours; days are the company's
 * @property {string | undefined} zone         the company's
 * @property {boolean} dated                  the times stand under it
 * @property {(at: number | null) => void} point  the pointer is over this point, of this chart or of another
 */

const HEIGHT_PX = 122;
const TIMES_PX = 26;
const AXIS_PX = 52;
/** Charts that share a key share the line under the pointer. */
const TOGETHER = "wall";

/** What is drawn where, so that it can follow its box and its data. @type {Map<HTMLElement, uPlot>} */
const drawn = new Map();

/** Draw, or draw anew, in a box. @param {HTMLElement} box @param {Plot} plot */
export function draw(box, plot) {
  for (const [old, chart] of drawn) {
    if (old !== box && old.isConnected) continue;
    chart.destroy();
    drawn.delete(old);
  }
  const chart = new uPlot(options(box, plot), [plot.times, plot.values], box);
  drawn.set(box, chart);
  const follow = new ResizeObserver(() => {
    if (drawn.get(box) !== chart) return follow.disconnect();
    chart.setSize({ width: box.clientWidth, height: chart.height });
  });
  follow.observe(box);
}

/** @param {HTMLElement} box @param {Plot} plot @returns {uPlot.Options} */
function options(box, plot) {
  const { times } = plot;
  const margin = times.length > 1 ? (times[1] - times[0]) / 2 : 1;
  return {
    width: box.clientWidth,
    height: HEIGHT_PX + (plot.dated ? TIMES_PX : 0),
    tzDate: (seconds) => localised(seconds, plot),
    legend: { show: false },
    padding: [8, 4, plot.dated ? 0 : 6, 0],
    cursor: { sync: { key: TOGETHER }, drag: { x: false, y: false }, y: false, points: { size: 7 } },
    scales: {
      x: { time: true, range: () => [times[0] - margin, /** @type {number} */ (times.at(-1)) + margin] },
      y: { range: plot.range ?? ((_, __, most) => [0, Math.max(1, most * 1.1)]) },
    },
    axes: axes(box, plot),
    series: [{}, series(box, plot)],
    hooks: { setCursor: [(chart) => plot.point(chart.cursor.idx ?? null)] },
  };
}

/** @param {HTMLElement} box @param {Plot} plot @returns {uPlot.Axis[]} */
function axes(box, plot) {
  const looks = {
    stroke: colour(box, "--ink-3"),
    font: `12px ${getComputedStyle(box).fontFamily}`,
    ticks: { show: false },
  };
  const times = (/** @type {uPlot} */ _, /** @type {number[]} */ at) => at.map((time) => tick(time, plot));
  const values = (/** @type {uPlot} */ _, /** @type {number[]} */ at) => at.map(plot.say);
  return [
    {
      ...looks,
      grid: { show: false },
      size: plot.dated ? TIMES_PX : 0,
      space: 64,
      values: plot.dated ? times : () => [],
    },
    {
      ...looks,
      grid: { stroke: colour(box, "--line"), width: 1 },
      size: AXIS_PX,
      space: 30,
      ...marks(plot),
      values,
    },
  ];
}

/** @param {HTMLElement} box @param {Plot} plot @returns {uPlot.Series} */
function series(box, { look, range }) {
  const stroke = colour(box, "--chart-1");
  const bars = /** @type {any} */ (uPlot.paths).bars({ size: [0.6, 20], radius: 0.2 });
  const line = { stroke, width: 2, spanGaps: false };
  if (look === "bars") return { fill: stroke, width: 0, paths: bars, points: { show: false } };
  // A filled shape stands on nothing; where the axis begins elsewhere there is only the line and its points.
  return range
    ? { ...line, points: { size: 6, fill: stroke } }
    : { ...line, fill: colour(box, "--chart-fill"), points: { show: false } };
}

/** @param {Plot} plot */
const marks = ({ range, steps }) => (range ? { splits: () => steps } : { incrs: steps });

/** @param {number} time @param {Plot} plot */
function tick(time, { hourly, zone }) {
  const moment = new Date(time * 1000).toISOString();
  return hourly ? clock(moment) : shortDay(moment, zone);
}

/** Where a day begins. @param {number} seconds @param {Plot} plot */
function localised(seconds, { hourly, zone }) {
  const moment = new Date(seconds * 1000);
  return hourly || !zone ? moment : uPlot.tzDate(moment, zone);
}

/** What a token stands for here and now, in words that a canvas understands. @param {HTMLElement} box @param {string} token */
function colour(box, token) {
  const probe = document.createElement("i");
  probe.style.color = `var(${token})`;
  box.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
