/** A tile's trend: the period on show, compared with the one before it. */

import { pointsOf, wallData } from "../numbers.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill, number } from "../words.js";
import { icon } from "./parts.js";

/** Less than this is no change. */
const STILL = 0.02;

/** @param {import("../numbers.js").Metric} metric @param {"more" | "less" | "either"} better */
export function trendOf(metric, better) {
  const { shown = [], before } = pointsOf(metric);
  const [now, then] = [mean(shown), mean(before)];
  if (now === null || then === null || then === 0) return nothing;
  const change = now / then - 1;
  if (Math.abs(change) < STILL) return gettext("as before");
  const up = change > 0;
  const good = better === "either" ? "neutral" : (better === "more") === up ? "good" : "bad";
  const by = number(change, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
  return html`<span class="trend" data-good=${good}>${icon(up ? "arrow-up-right" : "arrow-down-right")}${fill(comparison(), { by })}</span>`;
}

/** With what it is compared. */
function comparison() {
  const words = {
    "24h": gettext("%(by)s against the day before"),
    "7d": gettext("%(by)s against the week before"),
    "30d": gettext("%(by)s against the month before"),
  };
  return words[wallData.span];
}

/** @param {import("../numbers.js").Point[]} points */
function mean(points) {
  const known = points.map((point) => point.value).filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
