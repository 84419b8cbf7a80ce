/** The head of a conversation: who it is, who looks at it, and what can be done with it. */

import { assign, close, reopen, sendSurvey } from "../actions.js";
import { current, may, me, touch, ui } from "../app.js";
import { assignMenu, labelMenu, openMenu, priorityMenu, snoozeMenu, teamMenu } from "../menus.js";
import { isNarrow, showsDetails, toggleDetails } from "../prefs.js";
import { go } from "../router.js";
import { conversationOf } from "../store.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { contactName, fill } from "../words.js";
import { agentOf, avatar, channelName, icon, iconButton, isHere, presenceOf } from "./parts.js";
import { statusName } from "./person.js";

/** @typedef {import("../types.d.ts").Conversation} Conversation */

/** @param {Conversation} conversation */
export function head(conversation) {
  const { id, contact } = conversation;
  const name = contactName(contact);
  const inbox = current().inboxes.find((one) => one.id === conversation.inbox_id);
  return html`<header class="head">
    <button type="button" class="icon-button head-back" aria-label=${gettext("Back to the list")} @click=${() => go("/")}>${icon("arrow-left")}</button>
    ${avatar({ ...contact, name }, { channel: conversation.channel, presence: presenceOf(contact.id) })}
    <div class="head-who"><h2>${name}${isHere(contact.id)}</h2><p>${[inbox?.name ?? channelName(conversation.channel), statusName(conversation)].join(" · ")}</p></div>
    ${viewers(id)}
    <div class="head-actions">
      ${conversation.status === "closed" ? whenClosed(id) : whenOpen(conversation)}
      ${isNarrow.matches && conversation.status !== "closed" ? nothing : detailsButton()}
    </div>
  </header>`;
}

const detailsButton = () =>
  iconButton("panel-right", gettext("Details"), foldDetails, { pressed: showsDetails(), keys: "d", tip: "left" });

/** @param {Conversation} conversation */
function whenOpen(conversation) {
  const { id } = conversation;
  const leaving = ui.closing.has(id);
  return html`${ownerButton(conversation)}
    ${
      conversation.status === "snoozed"
        ? html`<button type="button" class="button" @click=${() => reopen(id)}>${gettext("Wake up")}</button>`
        : isNarrow.matches
          ? nothing
          : iconButton("alarm-clock", gettext("Snooze"), (event) => snoozeMenu(id, event.currentTarget), { keys: "s" })
    }
    ${iconButton("ellipsis", gettext("More"), (event) => moreMenu(id, event))}
    <button type="button" class="button head-close" aria-label=${gettext("Close")} aria-keyshortcuts="e" data-tip=${`${gettext("Close conversation")}  E`}
      ?disabled=${leaving} @click=${() => close(id)}>${icon("check")}<span>${gettext("Close")}</span></button>`;
}

/** @param {number} id */
const whenClosed = (id) =>
  html`<button type="button" class="button" @click=${() => reopen(id)}>${icon("rotate-ccw")}<span>${gettext("Reopen")}</span></button>`;

/** @param {Conversation} conversation */
function ownerButton({ id, assignee_id: owner }) {
  if (owner === null)
    return html`<button type="button" class="button" data-strong aria-keyshortcuts="a" data-tip=${`${gettext("Assign to me")}  A`}
      @click=${() => assign(id, me().id)}>${icon("user-plus")}<span>${gettext("Take it")}</span></button>`;
  const agent = agentOf(owner);
  const label = owner === me().id ? gettext("With you") : fill(gettext("With %(name)s"), { name: agent?.name ?? "" });
  return html`<button type="button" class="head-owner" aria-haspopup="listbox" aria-label=${`${label}. ${gettext("Assign to")}…`} data-tip=${label}
    @click=${(/** @type {Event} */ event) => assignMenu(id, event.currentTarget)}>
    ${agent ? avatar(agent, { size: 24, presence: agent.status }) : icon("user")}${icon("chevron-down")}
  </button>`;
}

/** @param {number} id @param {Event} event */
function moreMenu(id, event) {
  const anchor = event.currentTarget;
  const next = (/** @type {(id: number, anchor: EventTarget | null) => void} */ open) => () => open(id, anchor);
  openMenu(anchor, gettext("Conversation"), () => [
    ...(isNarrow.matches ? crowdedOut(id, next) : []),
    { id: "assign", label: gettext("Pass to someone"), icon: "arrow-right-left", run: next(assignMenu) },
    { id: "team", label: gettext("Team"), icon: "users", run: next(teamMenu) },
    { id: "labels", label: gettext("Labels"), icon: "tag", run: next(labelMenu) },
    { id: "priority", label: gettext("Priority"), icon: "flag", run: next(priorityMenu) },
    ...(may("survey.send")
      ? [{ id: "survey", label: gettext("Ask for a rating now"), icon: "star", run: () => sendSurvey(id) }]
      : []),
  ]);
}

/** What a narrow head has no room for. @param {number} id @param {(open: typeof snoozeMenu) => () => void} next @returns {import("../app.js").MenuItem[]} */
function crowdedOut(id, next) {
  const awake = conversationOf(current(), id)?.status !== "snoozed";
  const snooze = { id: "snooze", label: gettext("Snooze"), icon: "alarm-clock", run: next(snoozeMenu) };
  const details = { id: "details", label: gettext("Details"), icon: "panel-right", run: foldDetails };
  return awake ? [snooze, details] : [details];
}

/** @param {number} id */
function viewers(id) {
  const others = (current().viewers[id] ?? []).filter((user) => user !== me().id).map(agentOf);
  if (!others.length) return nothing;
  const names = others.map((agent) => agent?.name).join(", ");
  return html`<span class="head-viewers" title=${fill(gettext("Also looking: %(names)s"), { names })}>
    ${others.slice(0, 3).map((agent) => (agent ? avatar(agent, { size: 24 }) : nothing))}
    <span class="visually-hidden">${fill(gettext("Also looking: %(names)s"), { names })}</span>
  </span>`;
}

export function foldDetails() {
  toggleDetails();
  touch();
}
