/** Client keys: for programs that hold one credential for long. */

import { resource } from "../resource.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { removeButton, reveal, secret, values, whenLoaded } from "./forms.js";
import { empty, icon, when } from "./parts.js";
import { roleName, roles } from "./settings_people.js";

/** @typedef {{id: number, name: string, prefix: string, role: string, created_at: string, last_used_at: string | null, expires_at: string | null}} Key */

/** @type {import("../resource.js").Resource<Key>} */
const all = resource("keys");

export function keys() {
  return html`<h2>${gettext("Client keys")}</h2>
    <p>${gettext("For programs. A key acts for you, with your role or a lesser one, until it is revoked.")}</p>
    ${secret("key", gettext("The key. It is shown this once."))}
    ${whenLoaded(
      all,
      () => html`<ul class="rows">${all.rows.length ? all.rows.map(key) : html`<li>${empty("code", gettext("No keys yet"), gettext("Make one for each program, so that each can be revoked alone."))}</li>`}
        <li><form @submit=${create}><input class="input" name="name" required maxlength="80" placeholder=${gettext("What is it for?")} aria-label=${gettext("What is it for?")} />${roles("agent")}<button class="button">${gettext("Make a key")}</button></form></li></ul>`,
    )}`;
}

/** @param {Key} one */
function key(one) {
  const used = one.last_used_at ? html`${gettext("last used")} ${when(one.last_used_at)}` : gettext("never used");
  return html`<li>${icon("code")}<span class="rows-text"><b>${one.name}</b><small>nk_${one.prefix}… · ${roleName(one.role)} · ${used}${one.expires_at ? html` · ${gettext("until")} ${when(one.expires_at)}` : nothing}</small></span>
    ${removeButton(gettext("Revoke"), () => all.remove(one.id, gettext("Key revoked")))}</li>`;
}

/** @param {Event} event */
async function create(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const made = await all.create(values(event), form);
  if (!made) return;
  form.reset();
  reveal("key", made.key);
}
