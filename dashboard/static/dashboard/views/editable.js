/** A fact about a contact that is changed where it stands: click, write, Enter. */

import { api } from "../api.js";
import { may, touch, update } from "../app.js";
import { apply } from "../store.js";
import { attempt } from "../toasts.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html } from "../vendor/lit-html/lit-html.js";

/** Which field is open, as `id/field`. */
let open = "";

/**
 * @param {number} id
 * @param {"name" | "phone" | "email"} field
 * @param {string} label
 * @param {string} value
 * @param {string} [standIn] shown where there is no value
 */
export function editable(id, field, label, value, standIn = "") {
  return open === `${id}/${field}` ? input(id, field, label, value) : shown(id, field, label, value, standIn);
}

/** @param {number} id @param {string} field @param {string} label @param {string} value @param {string} standIn */
function shown(id, field, label, value, standIn) {
  const text = value || standIn || html`<span class="faint">${gettext("add")}</span>`;
  if (!may("contact.write")) return value || standIn || html`<span class="faint">–</span>`;
  return html`<button type="button" class="fact-button" aria-label=${`${label}: ${value || gettext("add")}`} @click=${() => edit(`${id}/${field}`)}>${text}</button>`;
}

/** @param {number} id @param {string} field @param {string} label @param {string} value */
function input(id, field, label, value) {
  const types = { phone: "tel", email: "email" };
  return html`<input class="fact-input" type=${types[/** @type {keyof typeof types} */ (field)] ?? "text"} aria-label=${label} .defaultValue=${value} maxlength="120"
    ${ref(focus)} @blur=${(/** @type {Event} */ event) => save(event, id, field, value)} @keydown=${keys} />`;
}

/** Open one field. @param {string} which `id/field` */
export function edit(which) {
  open = which;
  touch();
}

/** @param {Element | undefined} box */
const focus = (box) => queueMicrotask(() => box instanceof HTMLInputElement && box.select());

/** @param {KeyboardEvent} event */
function keys(event) {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (event.key === "Escape") box.value = box.defaultValue;
  if (event.key === "Escape" || event.key === "Enter") box.blur();
  event.stopPropagation();
}

/** @param {Event} event @param {number} id @param {string} field @param {string} before */
async function save(event, id, field, before) {
  const value = /** @type {HTMLInputElement} */ (event.target).value.trim();
  edit("");
  if (value === before) return;
  const contact = await attempt(api.patch(`contacts/${id}`, { [field]: value }));
  if (contact) update((state) => apply(state, { type: "contact_updated", data: contact }));
}
