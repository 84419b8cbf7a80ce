/** Times as people read them, in the page's language. */
import { fill, language, number } from "./words.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string | Date | number} moment @param {Intl.DateTimeFormatOptions} options */
function format(moment, options) {
  const key = language() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language(), options));
  return /** @type {Intl.DateTimeFormat} */ (formats.get(key)).format(new Date(moment));
}

/** 14:05, or 2:05 PM @param {string} moment */
export const clock = (moment) => format(moment, { timeStyle: "short" });

/** The whole of it, for a tooltip. @param {string} moment */
export const full = (moment) => format(moment, { dateStyle: "full", timeStyle: "short" });

/** 12 mar., with the year when it is another; a company's day begins at its own midnight. @param {string} moment @param {string} [timeZone] */
export function shortDay(moment, timeZone) {
  const sameYear = new Date(moment).getFullYear() === new Date().getFullYear();
  return format(moment, { day: "numeric", month: "short", timeZone, ...(sameYear ? {} : { year: "numeric" }) });
}

/** 12 mar., 14:05 @param {string} moment */
export const dayAndClock = (moment) => `${shortDay(moment)}, ${clock(moment)}`;

/** How many midnights lie between a time and now. @param {string} moment */
function daysAgo(moment) {
  const midnight = (/** @type {Date} */ date) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(new Date(moment))) / (DAY * 1000));
}

/** The day of a separator: today, yesterday, a weekday, a date. @param {string} moment */
export function dayName(moment) {
  const days = daysAgo(moment);
  if (days === 0) return gettext("Today");
  if (days === 1) return gettext("Yesterday");
  if (days < 7) return format(moment, { weekday: "long" });
  return format(moment, {
    weekday: "short",
    day: "numeric",
    month: "long",
    ...(days > 300 ? { year: "numeric" } : {}),
  });
}

/** A row's time, short: now, 5 min, 14:05, yesterday, 12 mar. @param {string} moment */
export function short(moment) {
  const seconds = (Date.now() - new Date(moment).getTime()) / 1000;
  if (seconds < MINUTE) return gettext("now");
  if (seconds < HOUR) return fill(gettext("%(n)s min"), { n: Math.floor(seconds / MINUTE) });
  const days = daysAgo(moment);
  if (days === 0) return clock(moment);
  if (days === 1) return gettext("yesterday");
  return days < 7 ? format(moment, { weekday: "short" }) : shortDay(moment);
}

/** A stretch of time: 45 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. @param {number} seconds */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return two(whole, MINUTE, "min", 1, "s");
  return whole < DAY ? two(whole, HOUR, "h", MINUTE, "min") : two(whole, DAY, "d", HOUR, "h");
}

/** The same in one unit, for where space is dear. @param {number} seconds */
export function shortSpan(seconds) {
  if (seconds < MINUTE) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  return seconds < DAY ? `${Math.floor(seconds / HOUR)} h` : `${Math.floor(seconds / DAY)} d`;
}

/** @param {number} whole @param {number} big @param {string} bigName @param {number} small @param {string} smallName */
function two(whole, big, bigName, small, smallName) {
  const rest = Math.floor((whole % big) / small);
  return `${number(Math.floor(whole / big))} ${bigName}${rest ? ` ${rest} ${smallName}` : ""}`;
}
