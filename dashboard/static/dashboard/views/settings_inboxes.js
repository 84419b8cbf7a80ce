/** Inboxes: the ways by which customers reach the company. */

import { api } from "../api.js";
import { current, touch, update } from "../app.js";
import { copy } from "../clipboard.js";
import { openMenu } from "../menus.js";
import { resource } from "../resource.js";
import { go } from "../router.js";
import { loadSession } from "../sessions.js";
import { attempt } from "../toasts.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { choice, inPlace, removeButton, reveal, secret, values, whenLoaded } from "./forms.js";
import { CHANNEL_ICONS, channelName, icon, iconButton } from "./parts.js";
import { phoneMark, phoneRow } from "./phone.js";
import { account, connectionMark, loadAccount } from "./settings_account.js";
import { everybody } from "./settings_people.js";
import { widgetSettings } from "./settings_widget.js";

/**
 * @typedef {object} Inbox
 * @property {number} id
 * @property {string} name
 * @property {import("../types.d.ts").Channel} channel
 * @property {string} token
 * @property {boolean} restricted
 * @property {boolean} csat_enabled
 * @property {boolean} reopen
 * @property {boolean} keep_owner
 * @property {boolean} show_preview
 * @property {number[]} [user_ids]
 */

/** @type {import("../resource.js").Resource<Inbox>} */
const all = resource("inboxes", (inboxes) => update((state) => ({ ...state, inboxes })));
/** Channels whose inboxes speak through an account that is set up here. @type {string[]} */
const WITH_ACCOUNT = ["whatsapp", "whatsapp_qr", "telegram"];
let opened = 0;

export function inboxes() {
  return html`<h2>${gettext("Inboxes")}</h2>
    <p>${gettext("The ways by which customers reach you.")}</p>
    ${secret("inbox", gettext("The inbox's secret. It is shown this once; keep it where your programs find it."))}
    ${whenLoaded(
      all,
      () => html`<div class="rows">${all.rows.map(inbox)}
        <form @submit=${create}><input class="input" name="name" required maxlength="120" placeholder=${gettext("New inbox")} aria-label=${gettext("New inbox")} />
          <select class="input" name="channel" aria-label=${gettext("Channel")}><option value="webchat">${channelName("webchat")}</option><option value="whatsapp">WhatsApp</option><option value="whatsapp_qr">${channelName("whatsapp_qr")}</option><option value="telegram">Telegram</option><option value="api">API</option></select>
          <button class="button">${gettext("Add")}</button></form></div>`,
    )}`;
}

/** @param {Inbox} one */
function inbox(one) {
  const open = opened === one.id;
  return html`<div id="inbox-${one.id}">${icon(CHANNEL_ICONS[/** @type {keyof typeof CHANNEL_ICONS} */ (one.channel)] ?? "inbox")}
      ${inPlace(gettext("Name"), one.name, (name) => all.change(one.id, { name }))}<span class="quiet">${channelName(one.channel)}</span>${one.channel === "whatsapp_qr" ? phoneMark(one) : connectionMark(one)}
      ${iconButton(open ? "chevron-down" : "chevron-right", gettext("More"), () => toggle(one.id), { pressed: open, tip: "left" })}</div>
    ${open ? more(one) : nothing}`;
}

/** Open one inbox's settings, from wherever. @param {number} id */
export function showInbox(id) {
  opened = 0;
  go("/settings/inboxes/");
  toggle(id);
}

/** @param {number} id */
async function toggle(id) {
  opened = opened === id ? 0 : id;
  touch();
  if (!opened) return;
  const channel = current().inboxes.find((one) => one.id === id)?.channel ?? "";
  if (WITH_ACCOUNT.includes(channel)) loadAccount(id);
  if (channel === "whatsapp_qr") loadSession(id);
  // Who sees a restricted inbox stands only in the inbox's own answer.
  const whole = await attempt(api.get(`inboxes/${id}`));
  all.rows = all.rows.map((known) => (known.id === id ? { ...known, ...whole } : known));
  touch();
}

/** @param {Inbox} one */
function more(one) {
  const flipped = (/** @type {keyof Inbox} */ field) => () => all.change(one.id, { [field]: !one[field] });
  return html`${one.channel === "webchat" ? embed(one) : nothing} ${one.channel === "whatsapp_qr" ? phoneRow(one) : nothing} ${WITH_ACCOUNT.includes(one.channel) ? account(one) : nothing}
    ${choice(gettext("Ask for a rating"), gettext("When a conversation is closed."), one.csat_enabled, flipped("csat_enabled"))}
    ${choice(gettext("Reopen"), gettext("A message to a closed conversation reopens it, instead of beginning another."), one.reopen, flipped("reopen"))}
    ${choice(gettext("Keep the owner"), gettext("A reopened conversation stays with its owner, present or not."), one.keep_owner, flipped("keep_owner"))}
    ${one.channel === "webchat" ? choice(gettext("Show what visitors type"), gettext("Before they send it."), one.show_preview, flipped("show_preview")) : nothing}
    ${choice(gettext("Only for some"), gettext("Supervisors and administrators always see it."), one.restricted, flipped("restricted"))}
    ${one.restricted ? html`<div><span class="rows-text"><b>${gettext("Who sees it")}</b></span><button type="button" class="button" @click=${(/** @type {Event} */ event) => people(event, one.id)}>${icon("users")}${one.user_ids?.length ?? 0}</button></div>` : nothing}
    ${one.channel === "webchat" ? widgetSettings(one, all.change) : nothing}
    <div><button type="button" class="button" aria-haspopup="listbox" @click=${(/** @type {Event} */ event) => renewal(event, one)}>${gettext("New secret")}</button><span class="composer-gap"></span>${removeButton(gettext("Delete"), () => all.remove(one.id, gettext("Inbox deleted")))}</div>`;
}

/** What goes into the shop's page. @param {Inbox} one */
function embed(one) {
  const snippet = `<script src="${location.origin}/widget.js" data-inbox="${one.token}" async></script>`;
  return html`<div><code class="snippet">${snippet}</code><button type="button" class="button" @click=${() => copy(snippet)}>${icon("copy")}${gettext("Copy")}</button></div>`;
}

/** @param {Event} event @param {number} id */
function people(event, id) {
  everybody.use();
  const items = () => {
    const now = all.rows.find((one) => one.id === id)?.user_ids ?? [];
    const set = (/** @type {number[]} */ user_ids) => all.change(id, { user_ids });
    return everybody.rows
      .filter((member) => member.role === "agent" && !member.invited)
      .map((member) => ({
        id: String(member.id),
        label: member.name,
        person: member,
        checked: now.includes(member.id),
        run: () => set(now.includes(member.id) ? now.filter((one) => one !== member.id) : [...now, member.id]),
      }));
  };
  openMenu(event.currentTarget, gettext("Who sees it"), items, { filterable: true, stays: true });
}

/** @param {Event} event */
async function create(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const made = await all.create(values(event), form);
  if (!made) return;
  form.reset();
  if (made.key) reveal("inbox", made.key);
}

/** What programs know by the old one stops there and then: nothing can be taken back, so it is asked twice. @param {Event} event @param {Inbox} one */
function renewal(event, one) {
  const label = gettext("Replace it; the old one ends at once");
  openMenu(event.currentTarget, gettext("New secret"), () => [
    { id: "renew", label, icon: "rotate-ccw", danger: true, run: () => renew(one) },
  ]);
}

/** @param {Inbox} one */
async function renew(one) {
  const answer = await attempt(api.post(`inboxes/${one.id}/secret`));
  if (answer) reveal("inbox", answer.key);
}
