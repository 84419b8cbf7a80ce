/** Contacts: everybody who ever wrote, and one of them. */

import { api } from "../api.js";
import { current, may, touch, ui, update } from "../app.js";
import { openMenu } from "../menus.js";
import { addPerson, keep, loadPeople, people, searchPeople } from "../people.js";
import { go } from "../router.js";
import { mergeConversations, newestFirst } from "../store.js";
import { attempt } from "../toasts.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { byName, contactName, count } from "../words.js";
import { edit, editable } from "./editable.js";
import { avatar, CHANNEL_ICONS, empty, icon, iconButton, trouble, when } from "./parts.js";
import { past, verified } from "./person.js";

/** @typedef {import("../types.d.ts").Contact} Contact */

const NEAR_THE_END_PX = 400;
/** Contacts whose conversations were asked for. @type {Set<number>} */
const asked = new Set();
/** Why a contact is not shown, by id. @type {Map<number, import("../api.js").Refusal>} */
const missing = new Map();

export function contacts() {
  if (!people.begun) loadPeople();
  return html`<main class="inbox" ?data-open=${ui.route.id !== null}>
    ${list()} ${ui.route.id === null ? html`<section class="thread thread-none">${empty("contact-round", gettext("No contact open"), gettext("Choose one from the list."))}</section>` : card(ui.route.id)}
  </main>`;
}

function list() {
  const known = current().contacts;
  return html`<section class="list" aria-label=${gettext("Contacts")}>
    <header class="list-head">
      <h1 class="visually-hidden">${gettext("Contacts")}</h1>
      <label class="search">${icon("search")}<span class="visually-hidden">${gettext("Search contacts")}</span>
        <input type="search" id="search" placeholder=${gettext("Search name, phone or e-mail")} autocomplete="off"
          @input=${(/** @type {Event} */ event) => searchPeople(/** @type {HTMLInputElement} */ (event.target).value)} /></label>
      ${may("contact.write") ? iconButton("user-plus", gettext("New contact"), create, { tip: "left" }) : nothing}
    </header>
    <p class="list-note" aria-live="polite">${people.total ? count(ngettext("%(count)s contact", "%(count)s contacts", people.total), people.total) : nothing}</p>
    <div class="list-rows" @scroll=${scrolled}>
      ${repeat(
        people.ids.filter((id) => known[id]),
        (id) => id,
        (id) => row(known[id]),
      )}
      ${people.error ? trouble(gettext("The list could not be loaded."), loadPeople) : nothing}
      ${people.begun && !people.loading && !people.ids.length && !people.error ? empty("search", gettext("Nobody found"), gettext("Who writes to you for the first time appears here by themselves.")) : nothing}
    </div>
  </section>`;
}

/** @param {Contact} contact */
function row(contact) {
  const name = contactName(contact);
  return html`<a class="row" href="/contacts/${contact.id}/" data-local aria-current=${ui.route.id === contact.id ? "true" : nothing}>
    ${avatar({ ...contact, name })}
    <span class="row-name"><span>${name}</span></span>
    <span class="row-time">${contact.last_seen_at ? when(contact.last_seen_at) : nothing}</span>
    <span class="row-text">${[contact.phone, contact.email].filter(Boolean).join(" · ")}</span>
  </a>`;
}

/** @param {Event} event */
function scrolled(event) {
  const box = /** @type {HTMLElement} */ (event.target);
  if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_THE_END_PX) loadPeople();
}

async function create() {
  const contact = await attempt(api.post("contacts", { name: gettext("New contact") }));
  if (!contact) return;
  addPerson(contact);
  go(`/contacts/${contact.id}/`);
  edit(`${contact.id}/name`);
}

/** @param {number} id */
function fetchOnce(id) {
  if (asked.has(id) || missing.has(id)) return;
  asked.add(id);
  if (!current().contacts[id])
    api.get(`contacts/${id}`).then(
      (contact) => keep([contact]),
      (refusal) => missed(id, refusal),
    );
  api.get("conversations", { contact: id, limit: 50 }).then(
    (rows) => update((state) => mergeConversations(state, rows)),
    () => {},
  );
}

/** @param {number} id @param {import("../api.js").Refusal} refusal */
function missed(id, refusal) {
  missing.set(id, refusal);
  asked.delete(id);
  touch();
}

/** In a contact's place, while it is on its way and where it does not come. @param {number} id */
function nobody(id) {
  const refusal = missing.get(id);
  if (!refusal) return html`<section class="thread" aria-busy="true"></section>`;
  if (refusal.status === 404)
    return html`<section class="thread thread-none">${empty("search", gettext("Contact not found"), gettext("It does not exist, or was deleted."))}</section>`;
  const again = () => missing.delete(id) && touch();
  return html`<section class="thread">${trouble(gettext("The contact could not be loaded."), again)}</section>`;
}

/** @param {number} id */
function card(id) {
  fetchOnce(id);
  const contact = current().contacts[id];
  if (!contact) return nobody(id);
  const name = contactName(contact);
  const fact = (/** @type {"phone" | "email"} */ field, /** @type {string} */ label) =>
    html`<div><dt>${label}</dt><dd>${editable(id, field, label, contact[field])}</dd></div>`;
  return html`<section class="thread person" aria-label=${name}>
    <header class="head">
      <button type="button" class="icon-button head-back" aria-label=${gettext("Back to the list")} @click=${() => go("/contacts/")}>${icon("arrow-left")}</button>
      <div class="head-who"><h2>${name}</h2></div>
      ${may("conversation.create") ? html`<button type="button" class="button" data-strong aria-haspopup="listbox" @click=${(/** @type {Event} */ event) => begin(event, id)}>${icon("message-circle")}<span>${gettext("Start a conversation")}</span></button>` : nothing}
    </header>
    <div class="person-body">
      <div class="person-name">${avatar({ ...contact, name }, { size: 56 })}<h3>${editable(id, "name", gettext("Name"), contact.name, name)}${verified(contact)}</h3></div>
      <dl class="facts">
        ${fact("phone", gettext("Phone"))} ${fact("email", gettext("E-mail"))}
        ${contact.identifier ? html`<div><dt>${gettext("Identifier")}</dt><dd>${contact.identifier}</dd></div>` : nothing}
        <div><dt>${gettext("Since")}</dt><dd>${when(contact.created_at)}</dd></div>
      </dl>
      <h3 class="details-title">${gettext("Conversations")}</h3>
      ${history(id)}
    </div>
  </section>`;
}

/** @param {number} id */
function history(id) {
  const rows = current()
    .conversations.filter((one) => one.contact_id === id)
    .sort(newestFirst);
  return rows.length
    ? html`<ul class="earlier">${rows.map(past)}</ul>`
    : html`<p class="faint">${gettext("None yet.")}</p>`;
}

/** Choose through which inbox. @param {Event} event @param {number} id */
function begin(event, id) {
  openMenu(event.currentTarget, gettext("Through which inbox?"), () =>
    byName(current().inboxes).map((inbox) => ({
      id: String(inbox.id),
      label: inbox.name,
      icon: CHANNEL_ICONS[/** @type {keyof typeof CHANNEL_ICONS} */ (inbox.channel)] ?? "inbox",
      run: () => start(id, inbox.id),
    })),
  );
}

/** @param {number} contactId @param {number} inboxId */
async function start(contactId, inboxId) {
  const conversation = await attempt(api.post("conversations", { contact_id: contactId, inbox_id: inboxId }));
  if (!conversation) return;
  update((state) => mergeConversations(state, [conversation]));
  go(`/c/${conversation.id}/`);
}
