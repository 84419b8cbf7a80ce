/** Labels: what conversations are about. */

import { update } from "../app.js";
import { resource } from "../resource.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { inPlace, removeButton, values, whenLoaded } from "./forms.js";

/** @typedef {{id: number, name: string, colour: string}} Label */

/** @type {import("../resource.js").Resource<Label>} */
const all = resource("labels", (labels) => update((state) => ({ ...state, labels })));
const FIRST_COLOUR = "#0f766e";

export function labels() {
  return html`<h2>${gettext("Labels")}</h2>
    <p>${gettext("They mark conversations, and the list can be filtered by them.")}</p>
    ${whenLoaded(
      all,
      () => html`<ul class="rows">${all.rows.map(label)}
        <li><form @submit=${create}><input class="colour" type="color" name="colour" value=${FIRST_COLOUR} aria-label=${gettext("Colour")} />
          <input class="input" name="name" required maxlength="40" placeholder=${gettext("New label")} aria-label=${gettext("New label")} /><button class="button">${gettext("Add")}</button></form></li></ul>`,
    )}`;
}

/** @param {Label} one */
function label(one) {
  return html`<li><input class="colour" type="color" .value=${one.colour} aria-label=${gettext("Colour")} @change=${(/** @type {Event} */ event) => all.change(one.id, { colour: /** @type {HTMLInputElement} */ (event.target).value })} />
    ${inPlace(gettext("Name"), one.name, (name) => all.change(one.id, { name }))}
    ${removeButton(gettext("Delete"), () => all.remove(one.id, gettext("Label deleted")))}</li>`;
}

/** @param {Event} event */
async function create(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (await all.create(values(event), form)) form.reset();
}
