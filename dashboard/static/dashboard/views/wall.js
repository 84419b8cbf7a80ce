/** The wall: what a supervisor looks at all day. */

import { current, me } from "../app.js";
import { beginWall, lookBack, SPANS, wallData } from "../numbers.js";
import { span as spanWords } from "../time.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { count, fill, number } from "../words.js";
import { avatar, empty, icon, presenceName } from "./parts.js";
import { charts } from "./wall_charts.js";
import { records, satisfied } from "./wall_events.js";
import { trendOf } from "./wall_trend.js";

/** @typedef {import("../types.d.ts").Metrics} Metrics */

/** An unknown number is not nothing. */
const UNKNOWN = "–";

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
  const label = count("%(count)s person here", "%(count)s people here", here.length);
  return html`<div class="online" role="group" aria-label=${label}>
    ${here.slice(0, 8).map((agent) => html`<span data-tip=${`${agent.name}, ${presenceName(agent.status)}`}>${avatar(agent, { size: 28, presence: agent.status })}</span>`)}
    <span class="faint">${label}</span>
  </div>`;
}

/** @param {Metrics | null} metrics */
function tiles(metrics) {
  const whole = (/** @type {number | undefined} */ value) => (value === undefined ? UNKNOWN : number(value));
  const known = (/** @type {number | null | undefined} */ value, /** @type {(value: number) => string} */ say) =>
    value === null || value === undefined ? UNKNOWN : say(value);
  const percent = (/** @type {number} */ value) => number(value, { style: "percent", maximumFractionDigits: 0 });
  const stars = (/** @type {number} */ value) => number(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return [
    tile(
      gettext("Open"),
      whole(metrics?.open_conversations),
      gettext("Conversations that are not closed now, the snoozed ones included."),
      snoozed(metrics),
    ),
    tile(
      gettext("In the queue"),
      whole(metrics?.waiting_conversations),
      gettext("Open conversations that nobody has taken yet."),
      longest(),
    ),
    tile(
      gettext("Response time"),
      known(metrics?.response_time, spanWords),
      gettext(
        "How long customers waited for an answer on average, over the last 30 days: from the first unanswered message to a person's reply.",
      ),
      trendOf("response_time", "less"),
    ),
    tile(
      gettext("Resolution"),
      known(metrics?.resolution_rate, percent),
      gettext("Conversations closed in the last 30 days, out of all that were open at any time in them."),
      closed(metrics),
    ),
    tile(
      gettext("Satisfaction"),
      known(metrics?.average_satisfaction, stars),
      gettext("The average of the ratings of the last 30 days, from 1 to 5."),
      trendOf("satisfaction", "more"),
    ),
    tile(
      gettext("Conversations"),
      whole(metrics?.total_conversations),
      gettext("All conversations that there ever were."),
      trendOf("conversations", "either"),
    ),
  ];
}

/** @param {string} name @param {string} value @param {string} definition @param {any} below */
function tile(name, value, definition, below) {
  return html`<div class="tile" tabindex="0" role="group" aria-label=${`${name}: ${value}. ${definition}`}>
    <span class="tile-name">${name}</span><b class="tile-value">${value}</b><span class="tile-below">${below}</span>
    <span class="tile-definition" aria-hidden="true">${definition}</span>
  </div>`;
}

/** @param {Metrics | null} metrics */
const snoozed = (metrics) =>
  metrics?.snoozed_conversations
    ? count("%(count)s snoozed", "%(count)s snoozed", metrics.snoozed_conversations)
    : nothing;

/** @param {Metrics | null} metrics */
const closed = (metrics) =>
  metrics ? count("%(count)s closed", "%(count)s closed", metrics.closed_conversations) : nothing;

/** How long the one has waited who has waited longest, of those that are known here. */
function longest() {
  const since = current()
    .conversations.filter((one) => one.status === "waiting" && one.waiting_since)
    .map((one) => Date.parse(one.waiting_since ?? ""));
  if (!since.length) return nothing;
  return html`${icon("clock")}${fill(gettext("the longest for %(time)s"), { time: spanWords((Date.now() - Math.min(...since)) / 1000) })}`;
}
