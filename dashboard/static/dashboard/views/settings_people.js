/** The people of the company: roles, access, invitations. */

import { me } from "../app.js";
import { resource } from "../resource.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { flip, reveal, secret, values, whenLoaded } from "./forms.js";
import { avatar } from "./parts.js";

/** @typedef {{id: number, name: string, email: string, username: string, role: string, is_active: boolean, invited: boolean, avatar_url: string}} Member */

/** @type {import("../resource.js").Resource<Member>} */
export const everybody = resource("users");

/** @param {string} role */
export function roleName(role) {
  const names = { agent: gettext("Agent"), supervisor: gettext("Supervisor"), admin: gettext("Administrator") };
  return names[/** @type {keyof typeof names} */ (role)] ?? role;
}

/** @param {string} chosen @param {(event: Event) => void} [change] */
export function roles(chosen, change) {
  return html`<select class="input" name="role" aria-label=${gettext("Role")} @change=${change ?? nothing}>
    ${["agent", "supervisor", "admin"].map((role) => html`<option value=${role} ?selected=${role === chosen}>${roleName(role)}</option>`)}
  </select>`;
}

export function members() {
  return html`<h2>${gettext("People")}</h2>
    <p>${gettext("Who works here, and as what. A changed role or access counts at once, in open windows too.")}</p>
    ${secret("invitation", gettext("Send this link to them. It is shown this once and opens for a week."))}
    ${whenLoaded(
      everybody,
      () => html`<div class="group"><ul class="rows">${everybody.rows.map(member)}
        <li><form @submit=${invite}><input class="input" name="email" type="email" required maxlength="254" placeholder=${gettext("E-mail of a new colleague")} aria-label=${gettext("E-mail of a new colleague")} />
          ${roles("agent")}<button class="button">${gettext("Invite")}</button></form></li></ul></div>`,
    )}`;
}

/** @param {Member} one */
function member(one) {
  const self = one.id === me().id;
  const about = one.invited ? gettext("invited, not here yet") : one.email || one.username;
  return html`<li>${avatar(one, { size: 28 })}<span class="rows-text"><b>${one.name}</b><small>${about}</small></span>
    ${
      self
        ? html`<span class="quiet">${roleName(one.role)}</span>`
        : html`${roles(one.role, (event) => everybody.change(one.id, { role: /** @type {HTMLSelectElement} */ (event.target).value }))}
      ${flip(one.is_active, one.is_active ? gettext("May come in") : gettext("Shut out"), () => everybody.change(one.id, { is_active: !one.is_active }))}`
    }
  </li>`;
}

/** @param {Event} event */
async function invite(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const invited = await everybody.create(values(event), form);
  if (!invited) return;
  form.reset();
  reveal("invitation", invited.url);
}
