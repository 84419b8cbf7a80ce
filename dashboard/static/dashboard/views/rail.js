/** The rail: where one can go, and one's own availability at its foot. */

import { api } from "../api.js";
import { may, me, touch, ui, update } from "../app.js";
import { feed } from "../live.js";
import { openMenu } from "../menus.js";
import { prefer, prefs } from "../prefs.js";
import { go } from "../router.js";
import { apply } from "../store.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { agentOf, avatar, icon, presenceName } from "./parts.js";

export function rail() {
  return html`<nav class="rail" aria-label=${gettext("Main")}>
    <a class="mark" href="/" data-local aria-label="NioChat">${mark()}</a>
    ${item("inbox", "/", "inbox", gettext("Inbox"))}
    ${may("csat.read_all") ? item("live", "/live/", "activity", gettext("Live")) : nothing}
    ${item("contacts", "/contacts/", "contact-round", gettext("Contacts"))}
    ${item("settings", "/settings/", "settings", gettext("Settings"))}
    <span class="rail-gap"></span>
    <button type="button" class="rail-item" data-keys aria-label=${gettext("Keyboard shortcuts")} data-tip=${`${gettext("Keyboard shortcuts")}  ?`}
      data-tip-at="right" @click=${help}>${icon("keyboard")}</button>
    ${self()}
  </nav>`;
}

function mark() {
  return html`<svg viewBox="0 0 24 24" class="mark-shape" aria-hidden="true">
    <path d="M5 4.5h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7.5L7 21v-3.5H5a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2Z" />
    <path class="mark-letter" d="M9 14V8.2l6 5.6V8" />
  </svg>`;
}

/** @param {typeof ui.route.page} page @param {string} path @param {string} iconName @param {string} name */
function item(page, path, iconName, name) {
  const here = ui.route.page === page;
  return html`<a class="rail-item" href=${path} data-local aria-label=${name} aria-current=${here ? "page" : nothing}
    data-tip=${name} data-tip-at="right">${icon(iconName)}</a>`;
}

function self() {
  const status = agentOf(me().id)?.status ?? "offline";
  const label = `${me().name}, ${presenceName(status)}`;
  return html`<button type="button" class="rail-self" aria-haspopup="menu" aria-label=${label} data-tip=${label}
    data-tip-at="right" @click=${selfMenu}>${avatar(me(), { size: 28, presence: status })}</button>`;
}

/** @param {Event} event */
function selfMenu(event) {
  const themes = { auto: gettext("Theme of the system"), light: gettext("Light"), dark: gettext("Dark") };
  const icons = { auto: "monitor", light: "sun", dark: "moon" };
  openMenu(event.currentTarget, me().name, () => [
    ...["online", "away", "busy"].map((status) => ({
      id: status,
      label: presenceName(status),
      dot: status,
      checked: agentOf(me().id)?.status === status,
      run: () => be(status),
    })),
    ...Object.entries(themes).map(([theme, label]) => ({
      id: theme,
      label,
      icon: icons[/** @type {keyof typeof icons} */ (theme)],
      checked: prefs.theme === theme,
      run: () => prefer({ theme: /** @type {keyof typeof icons} */ (theme) }),
    })),
    { id: "profile", label: gettext("Settings"), icon: "settings", run: () => go("/settings/") },
    { id: "leave", label: gettext("Log out"), icon: "log-out", run: leave },
  ]);
}

/** @param {string} status */
function be(status) {
  feed.setPresence(/** @type {import("../types.d.ts").Presence} */ (status));
  update((state) => apply(state, { type: "user_status", data: { user_id: me().id, status, last_seen: null } }));
}

async function leave() {
  feed.disconnect();
  await api.post("auth/logout").catch(() => null);
  location.assign("/login/");
}

function help() {
  ui.helpOpen = true;
  touch();
}
