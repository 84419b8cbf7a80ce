/** Teams: who takes which conversations. */

import { current, update } from "../app.js";
import { openMenu } from "../menus.js";
import { resource } from "../resource.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { byName, count } from "../words.js";
import { inPlace, removeButton, values, whenLoaded } from "./forms.js";
import { icon } from "./parts.js";

/** @typedef {{id: number, name: string, user_ids: number[]}} Team */

/** @type {import("../resource.js").Resource<Team>} */
const all = resource("teams", (teams) => update((state) => ({ ...state, teams })));

export function teams() {
  return html`<h2>${gettext("Teams")}</h2>
    <p>${gettext("A conversation can be passed to a team, whose people find it in their queue.")}</p>
    ${whenLoaded(
      all,
      () => html`<ul class="rows">${all.rows.map(team)}
        <li><form @submit=${create}><input class="input" name="name" required maxlength="80" placeholder=${gettext("New team")} aria-label=${gettext("New team")} /><button class="button">${gettext("Add")}</button></form></li></ul>`,
    )}`;
}

/** @param {Team} one */
function team(one) {
  return html`<li>${inPlace(gettext("Name"), one.name, (name) => all.change(one.id, { name }))}
    <button type="button" class="button" aria-haspopup="listbox" @click=${(/** @type {Event} */ event) => people(event, one.id)}>${icon("users")}${count(ngettext("%(count)s person", "%(count)s people", one.user_ids.length), one.user_ids.length)}</button>
    ${removeButton(gettext("Delete"), () => all.remove(one.id, gettext("Team deleted")))}</li>`;
}

/** @param {Event} event @param {number} id */
function people(event, id) {
  openMenu(
    event.currentTarget,
    gettext("People"),
    () => {
      const now = all.rows.find((one) => one.id === id)?.user_ids ?? [];
      return byName(current().agents).map((agent) => ({
        id: String(agent.id),
        label: agent.name,
        person: agent,
        checked: now.includes(agent.id),
        run: () =>
          all.change(id, {
            user_ids: now.includes(agent.id) ? now.filter((one) => one !== agent.id) : [...now, agent.id],
          }),
      }));
    },
    { filterable: true, stays: true },
  );
}

/** @param {Event} event */
async function create(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (await all.create(values(event), form)) form.reset();
}
