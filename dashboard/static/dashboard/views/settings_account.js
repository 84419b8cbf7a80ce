/** An inbox's account at its provider: what that needs, what it says, and how it fares. */

import { api } from "../api.js";
import { current, touch } from "../app.js";
import { copy } from "../clipboard.js";
import { feed } from "../live.js";
import { short } from "../time.js";
import { attempt, say } from "../toasts.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill } from "../words.js";
import { choice, values } from "./forms.js";
import { icon } from "./parts.js";

/** @type {Map<number, any>} */
const accounts = new Map();
// How an account stands changes by itself: whoever looks at it sees that.
feed.on("*", ({ type, data }) => {
  if (type === "directory_updated" && data.kind === "inbox" && accounts.get(data.id)) loadAccount(data.id);
});

/** @param {number} id */
export async function loadAccount(id) {
  accounts.set(id, await attempt(api.get(`inboxes/${id}/account`)));
  touch();
}

/** @param {{id: number}} inbox */
export function account({ id }) {
  const known = accounts.get(id);
  if (!known) return nothing;
  const flipped = (/** @type {string} */ name) => () => change(id, { [name]: !known.config[name] });
  const reads = "send_read" in known.config;
  const byPhone = known.channel === "whatsapp_qr";
  return html`${byPhone ? nothing : html`${health(known)} ${address(known)}`} ${form(id, known)}
    ${reads ? choice(gettext("Show that it was read"), gettext("Customers see blue ticks once somebody has read."), Boolean(known.config.send_read), flipped("send_read")) : nothing}
    ${choice(gettext("Show that somebody writes"), reads ? gettext("This shows it as read, too.") : "", Boolean(known.config.send_typing), flipped("send_typing"))}
    ${"hear_typing" in known.config ? choice(gettext("See that a customer writes"), gettext("The gateway tells of it with every key; leave it off where many write at once."), Boolean(known.config.hear_typing), flipped("hear_typing")) : nothing}
    ${byPhone ? ignored(known.facts.ignored) : nothing}`;
}

/** What was written where no helpdesk answers. @param {Record<string, number> | undefined} counts */
function ignored(counts) {
  const total = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
  if (!total) return nothing;
  const words = gettext("%(n)s messages of groups, channels, stories and broadcasts were ignored.");
  return html`<div><span class="rows-text"><small>${fill(words, { n: total })}</small></span></div>`;
}

/** In the list of inboxes: nothing where all is well. @param {{id: number}} inbox */
export function connectionMark({ id }) {
  const connection = current().inboxes.find((one) => one.id === id)?.connection;
  if (!connection || connection === "connected") return nothing;
  return html`<span class="connection-mark" data-connection=${connection}>${stateName(connection)}</span>`;
}

/** @param {any} known */
function health(known) {
  const facts = [
    known.last_delivery_at
      ? fill(gettext("Last delivery %(time)s"), { time: short(known.last_delivery_at) })
      : gettext("No delivery yet"),
    known.checked_at ? fill(gettext("Checked %(time)s"), { time: short(known.checked_at) }) : "",
    known.windows.shut
      ? fill(gettext("%(shut)s of %(all)s open conversations take templates only"), {
          shut: known.windows.shut,
          all: known.windows.shut + known.windows.open,
        })
      : "",
    known.facts.quality_rating ? fill(gettext("Quality %(rating)s"), { rating: known.facts.quality_rating }) : "",
    known.facts.messaging_limit_tier ?? "",
    known.facts.username ? `@${known.facts.username}` : "",
    known.facts.ignored_group ? fill(gettext("Groups are ignored: %(name)s"), { name: known.facts.ignored_group }) : "",
    known.facts.webhook_error ?? "",
    known.deliveries_waiting ? fill(gettext("%(n)s deliveries wait"), { n: known.deliveries_waiting }) : "",
    known.set_aside.quarantined ? fill(gettext("%(n)s set aside as doubtful"), { n: known.set_aside.quarantined }) : "",
    known.set_aside.dead ? fill(gettext("%(n)s could not be applied"), { n: known.set_aside.dead }) : "",
    known.set_aside.unreadable ? fill(gettext("%(n)s could not be read"), { n: known.set_aside.unreadable }) : "",
  ];
  const troubled = known.connection === "paused";
  return html`<div class="account-health" ?data-bad=${troubled}>${icon(troubled ? "circle-alert" : "check")}
    <span class="rows-text"><b>${stateName(known.connection)}</b><small>${facts.filter(Boolean).join(" · ")}</small>
      ${known.last_error ? html`<small>${fill(gettext("Last error %(time)s: %(error)s"), { time: short(known.last_error_at), error: known.last_error })}</small>` : nothing}</span>
    <button type="button" class="button" @click=${() => ask(known.inbox_id, "account")}>${gettext("Check now")}</button></div>`;
}

/** @param {string} connection */
function stateName(connection) {
  const names = {
    setup: gettext("To be set up"),
    connected: gettext("Connected"),
    paused: gettext("To be authorised again"),
  };
  return names[/** @type {keyof typeof names} */ (connection)] ?? connection;
}

/** @param {any} known */
function address(known) {
  if ("webhook_secret" in known.secrets) return hook(known);
  const url = location.origin + known.webhook_path;
  return html`<div><span class="rows-text"><b>${gettext("Webhook address")}</b><code class="snippet">${url}</code></span>
    <button type="button" class="button" @click=${() => copy(url)}>${icon("copy")}${gettext("Copy")}</button></div>`;
}

/** A provider that is told by a call where to post. @param {any} known */
function hook({ inbox_id, facts }) {
  const words = facts.webhook_set
    ? gettext("What customers write comes in here.")
    : gettext("What customers write does not come in here yet.");
  return html`<div><span class="rows-text"><b>${gettext("Webhook")}</b><small>${words}</small></span>
    <button type="button" class="button" @click=${() => ask(inbox_id, "account/webhook")}>${gettext("Set the webhook")}</button></div>`;
}

/** Secrets are written and never read: the field says only whether there is one. @param {number} id @param {any} known */
function form(id, known) {
  const names = {
    phone_number_id: gettext("Phone number ID"),
    waba_id: gettext("WhatsApp Business account ID"),
    access_token: gettext("Access token"),
    app_secret: gettext("App secret"),
    verify_token: gettext("Verify token"),
    bot_token: gettext("Bot token"),
    gateway: gettext("Gateway"),
    base_url: gettext("Gateway's address (empty: the platform's)"),
    session: gettext("Session's name (empty: made by us)"),
    api_key: gettext("Gateway's key"),
  };
  const asked = Object.entries(names).filter(([name]) => name in known.config || name in known.secrets);
  const field = (/** @type {[string, string]} */ [name, label]) => {
    if (name === "gateway") return gateways(label, known.config.gateway || "evolution");
    const secret = name in known.secrets;
    const hint = secret && known.secrets[name] ? gettext("Kept; write here to replace it") : "";
    return html`<label><span>${label}</span><input class="input" name=${name} type=${secret ? "password" : "text"} autocomplete="off"
      .value=${secret ? "" : (known.config[name] ?? "")} placeholder=${hint} /></label>`;
  };
  return html`<form class="account" @submit=${(/** @type {Event} */ event) => save(event, id)}>${asked.map(field)}
    <button class="button">${gettext("Save")}</button></form>`;
}

/** @param {string} label @param {string} chosen */
function gateways(label, chosen) {
  const option = (/** @type {string} */ id, /** @type {string} */ name) =>
    html`<option value=${id} ?selected=${id === chosen}>${name}</option>`;
  return html`<label><span>${label}</span><select class="input" name="gateway">${option("evolution", "Evolution API")}${option("waha", "WAHA")}</select></label>`;
}

/** @param {Event} event @param {number} id */
async function save(event, id) {
  const given = values(event);
  const known = accounts.get(id);
  const changed = Object.entries(given).filter(([name, value]) =>
    name in known.secrets ? value : value !== known.config[name],
  );
  if (!changed.length) return;
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (await change(id, Object.fromEntries(changed), form)) {
    forget(form);
    say(gettext("Saved"));
  }
}

/** What was typed into the secrets goes; a reset would take the other fields along. @param {HTMLFormElement} form */
function forget(form) {
  for (const field of form.querySelectorAll("input[type=password]")) /** @type {HTMLInputElement} */ (field).value = "";
}

/** @param {number} id @param {any} fields @param {HTMLFormElement} [form] */
async function change(id, fields, form) {
  const answer = await attempt(api.patch(`inboxes/${id}/account`, fields), form);
  if (answer) accounts.set(id, answer);
  touch();
  return answer;
}

/** Have a job look at the account, or set its webhook; then show how it stands. @param {number} id @param {string} what */
async function ask(id, what) {
  await attempt(api.post(`inboxes/${id}/${what}`));
  setTimeout(() => loadAccount(id), 1500);
}
