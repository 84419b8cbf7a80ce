/** The panel beside a conversation: who the contact is, what the conversation is filed under, what was before. */

import { api } from "../api.js";
import { current, touch, ui } from "../app.js";
import { assignMenu, labelMenu, priorityMenu, priorityName, teamMenu } from "../menus.js";
import { conversationOf, newestFirst } from "../store.js";
import { full, shortDay } from "../time.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { contactName } from "../words.js";
import { editable } from "./editable.js";
import { agentOf, avatar, channelName, dot, face, icon, iconButton } from "./parts.js";
import { past, statusName, verified } from "./person.js";
import { foldDetails } from "./thread_head.js";

/** @typedef {import("../types.d.ts").Conversation} Conversation */

/** What was asked for already, by contact. @type {Map<number, Conversation[] | null>} */
const earlier = new Map();
/** @type {Set<number>} */
const asked = new Set();

export function details() {
  const conversation = ui.route.id === null ? undefined : conversationOf(current(), ui.route.id);
  if (!conversation) return nothing;
  fetchOnce(conversation);
  return html`<aside class="details" aria-label=${gettext("Details")}>
    <header class="details-head"><h2>${gettext("Details")}</h2>${iconButton("x", gettext("Hide details"), foldDetails, { keys: "d", tip: "left" })}</header>
    <div class="details-body">${person(conversation)}${filing(conversation)}${rating(conversation)}${before(conversation)}</div>
  </aside>`;
}

/** The whole contact and what they wrote before, once each. @param {Conversation} conversation */
function fetchOnce({ contact_id: id }) {
  if (asked.has(id)) return;
  asked.add(id);
  if (!current().contacts[id]) {
    api.get(`contacts/${id}`).then((contact) => {
      current().contacts[id] = contact;
      touch();
    }, quietly);
  }
  api.get("conversations", { contact: id, limit: 20 }).then((rows) => {
    earlier.set(id, rows);
    touch();
  }, quietly);
}

const quietly = () => {};

/** @param {Conversation} conversation */
function person(conversation) {
  const contact = { ...conversation.contact, ...(current().contacts[conversation.contact_id] ?? {}) };
  const name = contactName(conversation.contact);
  const whole = current().contacts[conversation.contact_id];
  return html`<section class="details-person">
    ${avatar({ ...contact, name }, { size: 56 })}
    <h3>${editable(contact.id, "name", gettext("Name"), contact.name, name)}${verified(whole)}</h3>
    <dl class="facts">
      ${fact(gettext("Phone"), editable(contact.id, "phone", gettext("Phone"), contact.phone))}
      ${whole ? fact(gettext("E-mail"), editable(contact.id, "email", gettext("E-mail"), whole.email)) : nothing}
      ${whole?.identifier ? fact(gettext("Identifier"), whole.identifier) : nothing}
      ${whole ? fact(gettext("Since"), shortDay(whole.created_at)) : nothing}
      ${Object.entries(whole?.metadata ?? {}).map(([key, value]) => (typeof value === "object" || value === whole?.identifier ? nothing : fact(key, String(value))))}
    </dl>
  </section>`;
}

/** @param {string} name @param {any} value */
const fact = (name, value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** @param {Conversation} conversation */
function filing(conversation) {
  const { id } = conversation;
  const state = current();
  const owner = agentOf(conversation.assignee_id);
  const team = state.teams.find((one) => one.id === conversation.team_id);
  const inbox = state.inboxes.find((one) => one.id === conversation.inbox_id);
  const labels = conversation.labels.map((name) => html`<span class="label">${dot(name)}${name}</span>`);
  const none = (/** @type {string} */ word) => html`<span class="faint">${word}</span>`;
  return html`<section>
    <h3 class="details-title">${gettext("Conversation")}</h3>
    <dl class="facts">
      ${fact(gettext("State"), statusName(conversation))}
      ${choice(gettext("Assigned"), (event) => assignMenu(id, event.currentTarget), owner ? html`${avatar(owner, { size: 20 })}${owner.name}` : gettext("nobody"))}
      ${choice(gettext("Team"), (event) => teamMenu(id, event.currentTarget), team?.name ?? none(pgettext("team", "none")))}
      ${choice(gettext("Priority"), (event) => priorityMenu(id, event.currentTarget), html`<i class="flag" data-priority=${conversation.priority}>${icon("flag")}</i>${priorityName(conversation.priority)}`)}
      ${choice(gettext("Labels"), (event) => labelMenu(id, event.currentTarget), labels.length ? html`<span class="labels">${labels}</span>` : none(pgettext("labels", "none")))}
      ${fact(pgettext("detail", "Inbox"), inbox?.name ?? channelName(conversation.channel))}
      ${fact(gettext("Opened"), html`<time title=${full(conversation.created_at)}>${shortDay(conversation.created_at)}</time>`)}
    </dl>
  </section>`;
}

/** @param {string} name @param {(event: Event) => void} open @param {any} value */
function choice(name, open, value) {
  return fact(
    name,
    html`<button type="button" class="fact-button" aria-haspopup="listbox" @click=${open}><span class="visually-hidden">${name}: </span>${value}</button>`,
  );
}

/** @param {Conversation} conversation */
function rating({ csat }) {
  if (!csat) return nothing;
  return html`<section>
    <h3 class="details-title">${gettext("Rating")}</h3>
    <div class="rating">${face(csat.rating)}<span><b>${csat.rating}/5</b>${csat.feedback ? html`<q>${csat.feedback}</q>` : html`<span class="faint">${gettext("no comment")}</span>`}</span></div>
  </section>`;
}

/** @param {Conversation} conversation */
function before(conversation) {
  const told = earlier.get(conversation.contact_id);
  if (!told) return nothing;
  const known = new Map(told.map((one) => [one.id, one]));
  for (const one of current().conversations) if (one.contact_id === conversation.contact_id) known.set(one.id, one);
  known.delete(conversation.id);
  const rows = [...known.values()].sort(newestFirst);
  return html`<section>
    <h3 class="details-title">${gettext("Earlier conversations")}</h3>
    ${rows.length ? html`<ul class="earlier">${rows.map(past)}</ul>` : html`<p class="faint">${gettext("This is the first one.")}</p>`}
  </section>`;
}
