/** One's own name, language and password, and where one is logged in. */

import { api } from "../api.js";
import { me, update } from "../app.js";
import { resource } from "../resource.js";
import { attempt, say } from "../toasts.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { removeButton, values, whenLoaded } from "./forms.js";
import { icon, when } from "./parts.js";

/** @typedef {{id: number, kind: string, ip: string | null, user_agent: string, created_at: string, current: boolean}} Login */

const LANGUAGES = { "pt-br": "Português (Brasil)", en: "English", es: "Español" };
/** @type {import("../resource.js").Resource<Login>} */
const logins = resource("sessions");

export function profile() {
  const self = me();
  return html`<h2>${gettext("Profile")}</h2>
    <p>${self.email || self.username} · ${self.tenant?.name}</p>
    <section class="group"><form class="fields" @submit=${save}>
      <div class="fields-pair">
        <label class="field"><span>${gettext("First name")}</span><input class="input" name="first_name" .defaultValue=${self.first_name ?? ""} maxlength="150" autocomplete="given-name" /></label>
        <label class="field"><span>${gettext("Last name")}</span><input class="input" name="last_name" .defaultValue=${self.last_name ?? ""} maxlength="150" autocomplete="family-name" /></label>
      </div>
      <label class="field"><span>${gettext("Language")}</span><select class="input" name="language">
        ${Object.entries(LANGUAGES).map(([code, name]) => html`<option value=${code} ?selected=${self.language === code}>${name}</option>`)}
      </select></label>
      <button class="button" data-strong>${gettext("Save")}</button>
    </form></section>
    <section class="group"><h3>${gettext("Password")}</h3><form class="fields" @submit=${changePassword}>
      <input name="username" autocomplete="username" .value=${self.username} hidden />
      <label class="field"><span>${gettext("Current password")}</span><input class="input" name="current_password" type="password" autocomplete="current-password" maxlength="256" required /></label>
      <label class="field"><span>${gettext("New password")}</span><input class="input" name="new_password" type="password" autocomplete="new-password" minlength="10" maxlength="256" required />
        <small>${gettext("At least ten characters. Your other logins end.")}</small></label>
      <button class="button">${gettext("Change password")}</button>
    </form></section>
    <section class="group"><h3>${gettext("Where you are logged in")}</h3>${whenLoaded(logins, () => html`<ul class="rows">${logins.rows.map(login)}</ul>`)}</section>`;
}

/** @param {Event} event */
async function save(event) {
  const given = values(event);
  const before = me().language;
  const user = await attempt(api.patch("auth/me", given), /** @type {HTMLFormElement} */ (event.target));
  if (!user) return;
  update((state) => ({ ...state, user }));
  if (user.language !== before) location.reload();
  else say(gettext("Saved"));
}

/** @param {Event} event */
async function changePassword(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const { current_password, new_password } = values(event);
  if (!(await attempt(api.post("auth/password", { current_password, new_password }), form))) return;
  form.reset();
  logins.load();
  say(gettext("Password changed"));
}

/** @param {Login} one */
function login(one) {
  const where = one.kind === "dashboard" ? gettext("Dashboard") : gettext("API");
  return html`<li>${icon(one.kind === "dashboard" ? "monitor" : "code")}
    <span class="rows-text"><b>${one.current ? gettext("This browser") : where}</b><small>${[browser(one.user_agent), one.ip].filter(Boolean).map((part) => `${part} · `)}${when(one.created_at)}</small></span>
    ${one.current ? nothing : removeButton(gettext("Log out there"), () => logins.remove(one.id, gettext("Logged out there")))}</li>`;
}

/** The browser's name, out of all that it claims to be. @param {string} agent */
function browser(agent) {
  const found = agent.match(/(Firefox|Edg|OPR|Chrome|Safari)\/(\d+)/);
  return found ? `${found[1].replace("Edg", "Edge").replace("OPR", "Opera")} ${found[2]}` : agent.slice(0, 40);
}
