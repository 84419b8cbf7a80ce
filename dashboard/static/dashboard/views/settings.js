/** Settings: one's own, this device's, and the company's as far as one may change it. */

import { may, ui } from "../app.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { icon } from "./parts.js";
import { device } from "./settings_device.js";
import { inboxes } from "./settings_inboxes.js";
import { keys } from "./settings_keys.js";
import { labels } from "./settings_labels.js";
import { members } from "./settings_people.js";
import { profile } from "./settings_profile.js";
import { teams } from "./settings_teams.js";

/**
 * @typedef {object} Section
 * @property {string} id
 * @property {string} icon
 * @property {() => string} name
 * @property {() => any} draw
 * @property {string} [needs]  a permission
 */

/** @type {Section[]} */
const OWN = [
  { id: "profile", icon: "user", name: () => gettext("Profile"), draw: profile },
  { id: "device", icon: "monitor", name: () => gettext("This device"), draw: device },
];

/** @type {Section[]} */
const COMPANY = [
  { id: "people", icon: "users", name: () => gettext("People"), draw: members, needs: "user.manage" },
  { id: "teams", icon: "users-round", name: () => gettext("Teams"), draw: teams, needs: "team.manage" },
  { id: "labels", icon: "tag", name: () => gettext("Labels"), draw: labels, needs: "label.manage" },
  { id: "inboxes", icon: "inbox", name: () => gettext("Inboxes"), draw: inboxes, needs: "inbox.manage" },
  { id: "keys", icon: "code", name: () => gettext("Client keys"), draw: keys, needs: "key.manage" },
];

export function settings() {
  const company = COMPANY.filter((section) => may(section.needs ?? ""));
  const all = [...OWN, ...company];
  const section = all.find((one) => one.id === ui.route.section) ?? OWN[0];
  return html`<main class="settings" ?data-open=${location.pathname !== "/settings/"}>
    <nav class="settings-nav" aria-label=${gettext("Settings")}>
      <h1>${gettext("Settings")}</h1>
      ${OWN.map((one) => link(one, section))} ${company.length ? html`<h2>${gettext("Company")}</h2>` : nothing}
      ${company.map((one) => link(one, section))}
    </nav>
    <section class="settings-page" aria-label=${section.name()}>
      <a class="button settings-back" href="/settings/" data-local>${icon("arrow-left")}${gettext("Settings")}</a>
      ${section.draw()}
    </section>
  </main>`;
}

/** @param {Section} one @param {Section} shown */
function link(one, shown) {
  return html`<a href="/settings/${one.id}/" data-local aria-current=${one === shown ? "page" : nothing}>${icon(one.icon)}${one.name()}</a>`;
}
