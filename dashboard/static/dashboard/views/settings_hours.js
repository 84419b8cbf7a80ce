/** Business hours: a week of intervals, days that differ, the zone whose clocks count. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { language } from "../words.js";
import { flip } from "./forms.js";
import { icon, iconButton } from "./parts.js";

/**
 * @typedef {[string, string]} Interval
 * @typedef {object} Hours
 * @property {boolean} always
 * @property {string} timezone       empty: the company's
 * @property {Record<string, Interval[]>} week
 * @property {{date: string, intervals: Interval[]}[]} dates
 */

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MOST = 6;
/** @type {Interval} */
const OFFICE = ["09:00", "18:00"];
const ZONES = Intl.supportedValuesOf("timeZone");

/** What an inbox's settings say. @param {any} hours @returns {Hours} */
export function hoursOf(hours) {
  const usual = Object.fromEntries(DAYS.slice(0, 5).map((day) => [day, [[...OFFICE]]]));
  const dates = Object.entries(hours?.dates ?? {}).map(([date, intervals]) => ({ date, intervals }));
  const week = hours ? (hours.week ?? {}) : usual;
  return /** @type {Hours} */ ({ always: !hours, timezone: hours?.timezone ?? "", week, dates });
}

/** The same for the server; null: always. @param {Hours} hours */
export function hoursToSave({ always, timezone, week, dates }) {
  if (always) return null;
  const open = Object.fromEntries(Object.entries(week).filter(([, intervals]) => intervals.length));
  const named = dates.filter(({ date }) => date).map(({ date, intervals }) => [date, intervals]);
  return { ...(timezone && { timezone }), week: open, dates: Object.fromEntries(named) };
}

/** @param {Hours} hours @param {(hours: Hours) => void} change */
export function hoursEditor(hours, change) {
  const set = (/** @type {Partial<Hours>} */ to) => change({ ...hours, ...to });
  return html`<fieldset><legend>${gettext("Business hours")}</legend>
    <div class="hours-row"><span class="rows-text"><b>${gettext("Always open")}</b></span>${flip(hours.always, gettext("Always open"), () => set({ always: !hours.always }))}</div>
    ${hours.always ? nothing : html`${week(hours, set)}${dates(hours, set)}${zone(hours, set)}`}
  </fieldset>`;
}

/** @param {Hours} hours @param {(to: Partial<Hours>) => void} set */
function week(hours, set) {
  return DAYS.map((day, index) => {
    const change = (/** @type {Interval[]} */ intervals) => set({ week: { ...hours.week, [day]: intervals } });
    return html`<div class="hours-row" role="group" aria-label=${dayName(index)}><span class="hours-day">${dayName(index)}</span>${intervalsOf(hours.week[day] ?? [], change)}</div>`;
  });
}

/** 2024 began on a Monday. @param {number} index */
function dayName(index) {
  const name = new Intl.DateTimeFormat(language(), { weekday: "long", timeZone: "UTC" });
  return name.format(new Date(Date.UTC(2024, 0, 1 + index)));
}

/** @param {Interval[]} intervals @param {(intervals: Interval[]) => void} change */
function intervalsOf(intervals, change) {
  const replace = (/** @type {number} */ at, /** @type {Interval} */ one) => change(intervals.with(at, one));
  const remove = (/** @type {number} */ at) => change(intervals.toSpliced(at, 1));
  const more = () => change([...intervals, intervals.length ? ["19:00", "21:00"] : [...OFFICE]]);
  return html`<span class="hours-list">
    ${intervals.length ? nothing : html`<span class="quiet">${pgettext("hours", "Closed")}</span>`}
    ${intervals.map(
      ([from, to], at) => html`<span class="hours-interval">
        <input class="input" type="time" required aria-label=${gettext("From")} .value=${from} @change=${(/** @type {Event} */ event) => replace(at, [written(event), to])} />–<input class="input" type="time" required
          aria-label=${gettext("Until")} .value=${to} @change=${(/** @type {Event} */ event) => replace(at, [from, written(event)])} />
        ${iconButton("x", gettext("Remove"), () => remove(at))}</span>`,
    )}
  </span>${intervals.length < MOST ? iconButton("plus", gettext("Add hours"), more, { tip: "left" }) : nothing}`;
}

/** Holidays and other days that differ from their weekday. @param {Hours} hours @param {(to: Partial<Hours>) => void} set */
function dates(hours, set) {
  const replace = (/** @type {number} */ at, /** @type {any} */ to) =>
    set({ dates: hours.dates.with(at, { ...hours.dates[at], ...to }) });
  const add = () => set({ dates: [...hours.dates, { date: "", intervals: [] }] });
  return html`${hours.dates.map(
    ({ date, intervals }, at) => html`<div class="hours-row">
      <input class="input" type="date" required aria-label=${gettext("Date")} .value=${date} @change=${(/** @type {Event} */ event) => replace(at, { date: written(event) })} />
      ${intervalsOf(intervals, (next) => replace(at, { intervals: next }))}
      ${iconButton("trash-2", gettext("Delete"), () => set({ dates: hours.dates.toSpliced(at, 1) }), { tip: "left" })}</div>`,
  )}
  <div class="hours-row"><button type="button" class="button" @click=${add}>${icon("plus")}${gettext("A day that differs")}</button></div>`;
}

/** @param {Hours} hours @param {(to: Partial<Hours>) => void} set */
function zone(hours, set) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([own, hours.timezone, ...ZONES])].filter(Boolean);
  return html`<label class="field"><span>${gettext("Time zone")}</span>
    <select class="input" @change=${(/** @type {Event} */ event) => set({ timezone: written(event) })}>
      <option value="" ?selected=${!hours.timezone}>${gettext("The company's")}</option>
      ${zones.map((name) => html`<option value=${name} ?selected=${name === hours.timezone}>${name.replaceAll("_", " ")}</option>`)}
    </select></label>`;
}

/** @param {Event} event */
const written = (event) => /** @type {HTMLInputElement} */ (event.target).value;
