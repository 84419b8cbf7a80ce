/** The list of conversations: views, search, filters, rows; it holds still while the pointer is over it. */

import { current, me, touch, ui } from "../app.js";
import { hold, loaded, loadMore, look, release, shownRows, stands, stood, VIEWS, view } from "../lists.js";
import { openMenu } from "../menus.js";
import { go } from "../router.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { byName, count, number } from "../words.js";
import { empty, icon, iconButton, namesOfAgents, trouble } from "./parts.js";
import { row } from "./row.js";

const NEAR_THE_END_PX = 400;
/** Of a tab; its title has the whole number. */
const MOST_SHOWN = 99;
const SEARCH_AFTER_MS = 250;
const AGAIN_MS = 50;
/** One letter is in everything. */
const SHORTEST = 2;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;

export function list() {
  const { rows, news } = shownRows();
  return html`<section class="list" aria-label=${gettext("Conversations")}>
    <header class="list-head">
      <h1 class="visually-hidden">${gettext("Inbox")}</h1>
      ${search()}
      ${iconButton("list-filter", gettext("Filters"), filterMenu, { pressed: Object.keys(ui.filters).length > 0 })}
    </header>
    ${ui.search ? nothing : tabs()} ${chips()}
    <div class="list-rows" role="listbox" tabindex="0" aria-label=${view().name()} aria-activedescendant=${ui.route.id ? `row-${ui.route.id}` : nothing}
      ${ref(arrive)} @scroll=${scrolled} @pointerenter=${entered} @pointerleave=${release}>
      ${news ? html`<button type="button" class="pill list-news" @click=${showNews}>${count(ngettext("%(count)s new", "%(count)s new", news), news)}</button>` : nothing}
      ${repeat(
        rows,
        (conversation) => conversation.id,
        (conversation) => guard(marks(conversation), () => row(conversation)),
      )}
      ${foot(rows.length)}
    </div>
  </section>`;
}

/** What a row's looks depend on. @param {import("../types.d.ts").Conversation} conversation */
function marks(conversation) {
  const state = current();
  const minute = Math.floor(Date.now() / 60_000);
  const typing = state.typing[conversation.id]?.some((writer) => writer.contact_id !== null);
  return [
    conversation,
    ui.route.id === conversation.id,
    minute,
    typing,
    namesOfAgents(),
    state.labels,
    ui.closing.has(conversation.id),
    state.online[conversation.contact_id],
    ui.drafts[conversation.id]?.text,
  ];
}

function search() {
  return html`<label class="search">
    ${icon("search")}<span class="visually-hidden">${gettext("Search conversations")}</span>
    <input type="search" id="search" placeholder=${gettext("Search name, phone or message")} autocomplete="off" .value=${live(ui.asked)}
      @input=${searched} @keydown=${searchKeys} /><kbd aria-hidden="true">/</kbd>
  </label>`;
}

/** @param {Event} event */
function searched(event) {
  const { value } = /** @type {HTMLInputElement} */ (event.target);
  ui.asked = value;
  clearTimeout(typing);
  const search = value.trim().length < SHORTEST ? "" : value;
  typing = setTimeout(() => look({ search }), SEARCH_AFTER_MS);
}

/** @param {KeyboardEvent} event */
function searchKeys(event) {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (event.key === "Escape") {
    clearTimeout(typing);
    ui.asked = "";
    look({ search: "" });
    box.blur();
  }
  if (event.key === "ArrowDown") document.querySelector(".list-rows")?.querySelector("a")?.focus();
}

function tabs() {
  return html`<div class="tabs" role="tablist" aria-label=${gettext("Views")}>
    ${VIEWS.map((one) => {
      const chosen = ui.view === one.id;
      const amount = one.counts && ["mine", "waiting"].includes(one.id) ? current().counts[one.counts] : 0;
      const title = one.counts ? `${one.name()}, ${number(current().counts[one.counts])}` : one.name();
      return html`<button type="button" role="tab" class="tab" aria-selected=${chosen} tabindex=${chosen ? 0 : -1} title=${title}
        @click=${() => look({ view: one.id })} @keydown=${tabKeys}>${one.name()}${amount ? html`<b>${amount > MOST_SHOWN ? `${MOST_SHOWN}+` : amount}</b>` : nothing}</button>`;
    })}
  </div>`;
}

/** @param {KeyboardEvent} event */
function tabKeys(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const at = VIEWS.findIndex((one) => one.id === ui.view);
  look({ view: VIEWS[(at + step + VIEWS.length) % VIEWS.length].id });
  requestAnimationFrame(() => /** @type {HTMLElement} */ (document.querySelector(".tab[aria-selected=true]"))?.focus());
}

/** The filters that are on, each with its way out. */
function chips() {
  const state = current();
  const names = {
    inbox: (/** @type {string} */ id) => state.inboxes.find((inbox) => String(inbox.id) === id)?.name,
    team: (/** @type {string} */ id) => state.teams.find((team) => String(team.id) === id)?.name,
    assignee: (/** @type {string} */ id) => state.agents.find((agent) => String(agent.id) === id)?.name,
    label: (/** @type {string} */ name) => name,
  };
  const on = Object.entries(ui.filters);
  if (!on.length) return nothing;
  return html`<div class="chips">
    ${on.map(
      ([kind, value]) => html`<button type="button" class="chip" @click=${() => filter(kind, value)}
        aria-label=${`${gettext("Remove filter")}: ${value}`}>${names[/** @type {keyof typeof names} */ (kind)](value)}${icon("x")}</button>`,
    )}
  </div>`;
}

/** @param {string} kind @param {string} value */
function filter(kind, value) {
  const { [kind]: now, ...others } = ui.filters;
  look({ filters: now === value ? others : { ...others, [kind]: value } });
}

/** @param {Event} event */
function filterMenu(event) {
  /** @type {(kind: string, iconName: string, value: string, label: string, hint: string) => import("../app.js").MenuItem} */
  const choice = (kind, iconName, value, label, hint) => ({
    id: `${kind}-${value}`,
    label,
    hint,
    icon: iconName,
    checked: ui.filters[kind] === value,
    run: () => filter(kind, value),
  });
  const items = () => [
    ...byName(current().inboxes).map((inbox) =>
      choice("inbox", "inbox", String(inbox.id), inbox.name, gettext("inbox")),
    ),
    ...byName(current().teams).map((team) => choice("team", "users", String(team.id), team.name, gettext("team"))),
    ...byName(current().labels).map((label) => choice("label", "tag", label.name, label.name, gettext("label"))),
    ...byName(current().agents)
      .filter((agent) => agent.id !== me().id)
      .map((agent) => choice("assignee", "user", String(agent.id), agent.name, gettext("person"))),
  ];
  openMenu(event.currentTarget, gettext("Filters"), items, { filterable: true, stays: true });
}

/** @param {number} shown */
function foot(shown) {
  const now = loaded();
  if (now?.error) return trouble(gettext("The list could not be loaded."), loadMore);
  if (!now || now.loading) return shown ? nothing : skeletons();
  if (shown || !now.done) return nothing;
  if (ui.search)
    return empty("search", gettext("Nothing found"), gettext("Try a name, a phone number or a word from a message."));
  return emptyView();
}

function emptyView() {
  const step = html`<button type="button" class="button" @click=${() => look({ view: "waiting" })}>${gettext("See the queue")}</button>`;
  if (ui.view === "mine")
    return empty("inbox", gettext("Nothing with you now"), gettext("Conversations assigned to you appear here."), step);
  if (ui.view === "waiting")
    return empty(
      "check",
      gettext("Nobody is waiting"),
      gettext("New conversations that nobody has taken appear here."),
    );
  return empty("inbox", gettext("Nothing here"), gettext("Conversations in this state appear here."));
}

const skeletons = () =>
  Array.from({ length: 7 }, () => html`<div class="row-skeleton" aria-hidden="true"><i></i><b></b><b></b></div>`);

/** Whoever comes back finds the list where it was, once its rows are there. @param {Element | undefined} element */
function arrive(element) {
  if (element) requestAnimationFrame(() => descend(element, stood()));
}

/** @param {Element} box @param {number} top */
function descend(box, top) {
  if (!top || !box.isConnected || stood() > top) return;
  if (loaded()?.loading) return void setTimeout(() => descend(box, top), AGAIN_MS);
  box.scrollTop = top;
}

/** @param {Event} event */
function scrolled(event) {
  const box = /** @type {HTMLElement} */ (event.target);
  stands(box.scrollTop);
  if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_THE_END_PX) loadMore();
}

/** @param {PointerEvent} event */
function entered(event) {
  if (event.pointerType === "mouse") hold();
}

function showNews() {
  ui.hold = null;
  hold();
  document.querySelector(".list-rows")?.scrollTo({ top: 0 });
  touch();
}

/** Open the row after or before the open one. @param {1 | -1} step */
export function stepRow(step) {
  const { rows } = shownRows();
  const at = rows.findIndex((conversation) => conversation.id === ui.route.id);
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
  if (!next) return;
  go(`/c/${next.id}/`, { replace: ui.route.id !== null });
  requestAnimationFrame(() => document.getElementById(`row-${next.id}`)?.scrollIntoView({ block: "nearest" }));
}
