/** The wall: what a supervisor looks at all day. */

import { current, me } from "../app.js";
import { beginWall, lookBack, SPANS, wallData } from "../numbers.js";
import { shortSpan, span as spanWords } from "../time.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { count, fill, number } from "../words.js";
import { avatar, empty, icon, presenceName } from "./parts.js";
import { charts } from "./wall_charts.js";
import { records, satisfied } from "./wall_events.js";
import { trendOf } from "./wall_trend.js";

/** @typedef {import("../types.d.ts").Metrics} Metrics */

/** An unknown number is not nothing. */
const UNKNOWN = "–";
const whole = (/** @type {number} */ value) => number(value);
const percent = (/** @type {number} */ value) => number(value, { style: "percent", maximumFractionDigits: 0 });
const rating = (/** @type {number} */ value) => number(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/**
 * @typedef {object} Tile
 * @property {keyof Metrics} metric
 * @property {() => string} name
 * @property {(value: number) => string} words
 * @property {() => string} definition
 * @property {(metrics: Metrics | null) => any} below
 */

/** @type {Tile[]} */
const TILES = [
  {
    metric: "open_conversations",
    name: () => gettext("Open"),
    words: whole,
    definition: () => gettext("Conversations that are not closed now, the snoozed ones included."),
    below: snoozed,
  },
  {
    metric: "waiting_conversations",
    name: () => gettext("In the queue"),
    words: whole,
    definition: () => gettext("Open conversations that nobody has taken yet."),
    below: longest,
  },
  {
    metric: "response_time",
    name: () => gettext("Response time"),
    words: spanWords,
    definition: () =>
      gettext(
        "How long customers waited for an answer on average, over the last 30 days: from the first unanswered message to a person's reply.",
      ),
    below: () => trendOf("response_time", "less"),
  },
  {
    metric: "resolution_rate",
    name: () => gettext("Resolution"),
    words: percent,
    definition: () =>
      gettext("Conversations closed in the last 30 days, out of all that were open at any time in them."),
    below: closed,
  },
  {
    metric: "average_satisfaction",
    name: () => gettext("Satisfaction"),
    words: rating,
    definition: () => gettext("The average of the ratings of the last 30 days, from 1 to 5."),
    below: () => trendOf("satisfaction", "more"),
  },
  {
    metric: "total_conversations",
    name: () => gettext("Conversations"),
    words: whole,
    definition: () => gettext("All conversations that there ever were."),
    below: () => trendOf("conversations", "either"),
  },
];

export function wall() {
  if (!me().permissions.includes("csat.read_all")) {
    return html`<main class="wall">${empty("lock", gettext("For supervisors"), gettext("This page shows the whole team's work."))}</main>`;
  }
  beginWall();
  return html`<main class="wall" aria-label=${gettext("Live")}>
    <header class="page-head"><h1>${gettext("Live")}</h1>${online()}<span class="composer-gap"></span>${spans()}</header>
    <div class="wall-body">
      <section class="tiles" aria-label=${gettext("Numbers")}>${tiles(current().metrics)}</section>
      <div class="wall-grid">${charts()}${satisfied()}${records()}</div>
    </div>
  </main>`;
}

function spans() {
  const names = { "24h": gettext("24 hours"), "7d": gettext("7 days"), "30d": gettext("30 days") };
  return html`<div class="segments" role="group" aria-label=${gettext("Period of the charts")}>
    ${Object.keys(SPANS).map((key) => {
      const span = /** @type {import("../numbers.js").Span} */ (key);
      return html`<button type="button" aria-pressed=${wallData.span === span} @click=${() => lookBack(span)}>${names[span]}</button>`;
    })}
  </div>`;
}

/** Who is here now. */
function online() {
  const here = current().agents.filter((agent) => agent.status !== "offline");
  const label = count(ngettext("%(count)s person here", "%(count)s people here", here.length), here.length);
  return html`<div class="online" role="group" aria-label=${label}>
    ${here.slice(0, 8).map((agent) => html`<span data-tip=${`${agent.name}, ${presenceName(agent.status)}`}>${avatar(agent, { size: 28, presence: agent.status })}</span>`)}
    <span class="faint">${label}</span>
  </div>`;
}

/** @param {Metrics | null} metrics */
function tiles(metrics) {
  const say = (/** @type {keyof Metrics} */ name, /** @type {(value: number) => string} */ words) => {
    const value = metrics?.[name];
    return typeof value === "number" ? words(value) : UNKNOWN;
  };
  return TILES.map(
    (
      tile,
    ) => html`<div class="tile" tabindex="0" role="group" aria-label=${`${tile.name()}: ${say(tile.metric, tile.words)}. ${tile.definition()}`}>
      <span class="tile-name">${tile.name()}</span>
      <b class="tile-value" data-metric=${tile.metric}>${say(tile.metric, tile.words)}</b>
      <span class="tile-below">${tile.below(metrics)}</span>
      <span class="tile-definition" aria-hidden="true">${tile.definition()}</span>
    </div>`,
  );
}

/** @param {Metrics | null} metrics */
function snoozed(metrics) {
  return metrics?.snoozed_conversations
    ? count(
        ngettext("%(count)s snoozed", "%(count)s snoozed", metrics.snoozed_conversations),
        metrics.snoozed_conversations,
      )
    : nothing;
}

/** @param {Metrics | null} metrics */
function closed(metrics) {
  if (!metrics) return nothing;
  const words = count(
    ngettext("%(count)s closed", "%(count)s closed", metrics.closed_conversations),
    metrics.closed_conversations,
  );
  return html`<span data-metric="closed_conversations">${words}</span>`;
}

/** How long the one has waited who has waited longest, of those that are known here. */
function longest() {
  const since = current()
    .conversations.filter((one) => one.status === "waiting" && one.waiting_since)
    .map((one) => Date.parse(one.waiting_since ?? ""));
  if (!since.length) return nothing;
  return html`${icon("clock")}${fill(gettext("the longest for %(time)s"), { time: shortSpan((Date.now() - Math.min(...since)) / 1000) })}`;
}
