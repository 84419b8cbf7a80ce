/** The wall's data: the series behind its charts, the ratings and records that it begins with. */

import { api } from "./api.js";
import { touch, update } from "./app.js";
import { mergeAudit, mergeRatings } from "./store.js";

/**
 * @typedef {{time: string, value: number | null}} Point
 * @typedef {"24h" | "7d" | "30d"} Span
 */

const METRICS = /** @type {const} */ (["conversations", "messages", "response_time", "satisfaction"]);
/** @typedef {typeof METRICS[number]} Metric */

/** How each span is asked for. @type {Record<Span, {interval: string, points: number}>} */
export const SPANS = {
  "24h": { interval: "hour", points: 24 },
  "7d": { interval: "day", points: 7 },
  "30d": { interval: "day", points: 30 },
};
/** What a frame of these types may have changed. */
const TELLING = new Set(["chat_message", "conversation_updated", "csat_update"]);
const AT_MOST_EVERY_MS = 30_000;
const RATINGS = 30;
const RECORDS = 60;

export const wallData = {
  /** @type {Span} */ span: "7d",
  /** @type {Partial<Record<string, Point[]>>} by metric and interval */ series: {},
  /** In which the company's days are counted. @type {string | undefined} */ zone: undefined,
  error: false,
  asked: false,
};
let fetchedAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let due;

/** @param {Metric} metric */
export function pointsOf(metric) {
  const { interval, points } = SPANS[wallData.span];
  const all = wallData.series[`${metric}/${interval}`];
  return { shown: all?.slice(-points), before: all?.slice(-2 * points, -points) ?? [] };
}

/** Fetch everything once. */
export function beginWall() {
  if (wallData.asked) return;
  wallData.asked = true;
  fetchSeries();
  api.get("csat", { limit: RATINGS }).then(
    (rows) => update((state) => mergeRatings(state, rows)),
    () => {},
  );
  api.get("audit", { limit: RECORDS }).then(
    (rows) => update((state) => mergeAudit(state, rows)),
    () => {},
  );
}

/** @param {Span} span */
export function lookBack(span) {
  wallData.span = span;
  fetchSeries();
  touch();
}

/** Fetch the series of the span on show, twice its length, so that it can be compared with what was before. */
export async function fetchSeries() {
  fetchedAt = Date.now();
  const { interval } = SPANS[wallData.span];
  try {
    const found = await Promise.all(METRICS.map((metric) => api.get("dashboard/series", { metric, interval })));
    METRICS.forEach((metric, at) => {
      wallData.series[`${metric}/${interval}`] = found[at].points;
    });
    wallData.zone = found[0].timezone;
    wallData.error = false;
  } catch {
    wallData.error = true;
  }
  touch();
}

/** A frame may have changed the newest point: look again, soon but not often. @param {import("./types.d.ts").Frame} frame */
export function noteNumbers({ type }) {
  if (!wallData.asked || due || !TELLING.has(type)) return;
  const wait = Math.max(1_000, fetchedAt + AT_MOST_EVERY_MS - Date.now());
  due = setTimeout(() => {
    due = undefined;
    if (document.visibilityState === "visible" && location.pathname.startsWith("/live")) fetchSeries();
  }, wait);
}
