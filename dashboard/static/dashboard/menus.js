/** What each menu offers. A menu is asked at every paint, so that its ticks follow the state. */
import { assign, giveToTeam, setLabels, setPriority, snooze } from "./actions.js";
import { current, me, touch, ui } from "./app.js";
import { conversationOf } from "./store.js";
import { dayAndClock } from "./time.js";
import { html } from "./vendor/lit-html/lit-html.js";
import { byName } from "./words.js";

/** @typedef {import("./app.js").MenuItem} MenuItem */

/** @param {EventTarget | null} anchor @param {string} label @param {() => MenuItem[]} items @param {Partial<import("./app.js").Menu>} [more] */
export function openMenu(anchor, label, items, more = {}) {
  const opener = /** @type {HTMLElement} */ (anchor);
  const again = ui.menu?.anchor === opener && !more.body;
  closeMenu();
  if (again) return;
  ui.menu = { anchor: opener, label, items, query: "", at: 0, ...more };
  opener.setAttribute("aria-expanded", "true");
}

export function closeMenu() {
  ui.menu?.anchor.setAttribute("aria-expanded", "false");
  ui.menu = null;
  touch();
}

/** @param {number} id @param {EventTarget | null} anchor */
export function assignMenu(id, anchor) {
  openMenu(anchor, gettext("Assign to"), () => people(id), { filterable: true });
}

/** @param {number} id @returns {MenuItem[]} */
function people(id) {
  const owner = conversationOf(current(), id)?.assignee_id ?? null;
  const rank = { online: 0, busy: 1, away: 2, offline: 3 };
  const others = current().agents.filter((agent) => agent.id !== me().id);
  others.sort((one, other) => rank[one.status] - rank[other.status] || one.name.localeCompare(other.name));
  const mine = current().agents.filter((agent) => agent.id === me().id);
  const items = [...mine, ...others].map((agent) => ({
    id: String(agent.id),
    label: agent.name,
    hint: agent.id === me().id ? gettext("you") : "",
    person: agent,
    checked: agent.id === owner,
    run: () => assign(id, agent.id),
  }));
  const nobody = {
    id: "none",
    label: gettext("Nobody (back in the queue)"),
    icon: "inbox",
    checked: owner === null,
    run: () => assign(id, null),
  };
  return owner === null ? items : [nobody, ...items];
}

/** @param {number} id @param {EventTarget | null} anchor */
export function teamMenu(id, anchor) {
  openMenu(anchor, gettext("Team"), () => {
    const now = conversationOf(current(), id)?.team_id ?? null;
    const teams = byName(current().teams).map((team) => ({
      id: String(team.id),
      label: team.name,
      icon: "users",
      checked: team.id === now,
      run: () => giveToTeam(id, team.id),
    }));
    return [
      { id: "none", label: gettext("No team"), icon: "minus", checked: now === null, run: () => giveToTeam(id, null) },
      ...teams,
    ];
  });
}

/** @param {number} id @param {EventTarget | null} anchor */
export function labelMenu(id, anchor) {
  const items = () => {
    const now = conversationOf(current(), id)?.labels ?? [];
    return byName(current().labels).map((label) => ({
      id: label.name,
      label: label.name,
      labelled: label.name,
      checked: now.includes(label.name),
      run: () =>
        setLabels(id, now.includes(label.name) ? now.filter((name) => name !== label.name) : [...now, label.name]),
    }));
  };
  openMenu(anchor, gettext("Labels"), items, { filterable: true, stays: true });
}

const PRIORITIES = /** @type {const} */ (["urgent", "high", "normal", "low"]);

/** @param {string} priority */
export function priorityName(priority) {
  const names = { urgent: gettext("Urgent"), high: gettext("High"), normal: gettext("Normal"), low: gettext("Low") };
  return names[/** @type {keyof typeof names} */ (priority)];
}

/** @param {number} id @param {EventTarget | null} anchor */
export function priorityMenu(id, anchor) {
  openMenu(anchor, gettext("Priority"), () =>
    PRIORITIES.map((priority) => ({
      id: priority,
      label: priorityName(priority),
      icon: "flag",
      checked: conversationOf(current(), id)?.priority === priority,
      run: () => setPriority(id, priority),
    })),
  );
}

/** @param {number} id @param {EventTarget | null} anchor */
export function snoozeMenu(id, anchor) {
  const pick = { id: "pick", label: gettext("Choose a time…"), icon: "clock", run: () => pickMoment(id, anchor) };
  openMenu(anchor, gettext("Snooze until"), () => [
    ...moments().map(({ name, until }) => ({
      id: name,
      label: name,
      hint: dayAndClock(until.toISOString()),
      icon: "alarm-clock",
      run: () => snooze(id, until),
    })),
    pick,
  ]);
}

/** @param {number} id @param {EventTarget | null} anchor */
function pickMoment(id, anchor) {
  const least = new Date(Date.now() + 60_000 - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("until");
    closeMenu();
    snooze(id, new Date(String(given)));
  };
  const body = () => html`<form class="menu-form" @submit=${submit}>
    <label class="field"><span>${gettext("Snooze until")}</span><input class="input" type="datetime-local" name="until" required min=${least} value=${least} /></label>
    <button class="button" data-strong>${gettext("Snooze")}</button></form>`;
  openMenu(anchor, gettext("Snooze until"), () => [], { body });
}

/** Four times that people put things off to. */
function moments() {
  const at = (/** @type {number} */ days, /** @type {number} */ hour) => {
    const date = new Date();
    date.setDate(date.getDate() + days);
    date.setHours(hour, 0, 0, 0);
    return date;
  };
  const inHours = (/** @type {number} */ hours) => new Date(Date.now() + hours * 3_600_000);
  const toMonday = (8 - new Date().getDay()) % 7 || 7;
  return [
    { name: gettext("In one hour"), until: inHours(1) },
    { name: gettext("In three hours"), until: inHours(3) },
    { name: gettext("Tomorrow morning"), until: at(1, 9) },
    { name: gettext("Next Monday"), until: at(toMonday, 9) },
  ];
}
