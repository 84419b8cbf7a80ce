/** What the details panel and the contacts page both say about somebody. */

import { dayAndClock } from "../time.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill } from "../words.js";
import { face, icon, when } from "./parts.js";

/** @typedef {import("../types.d.ts").Conversation} Conversation */

/** @param {Conversation} conversation */
export function statusName({ status, snoozed_until: until }) {
  const names = {
    waiting: gettext("In the queue"),
    assigned: gettext("Not answered yet"),
    active: gettext("In conversation"),
    snoozed: until ? fill(gettext("Snoozed until %(when)s"), { when: dayAndClock(until) }) : gettext("Snoozed"),
    closed: gettext("Closed"),
  };
  return names[status];
}

/** @param {import("../types.d.ts").Contact | undefined} contact */
export function verified(contact) {
  if (!contact?.verified) return nothing;
  const label = gettext("Identity verified");
  return html`<span class="verified" title=${label}>${icon("circle-check", label)}</span>`;
}

/** @param {Conversation} conversation */
export function past(conversation) {
  return html`<li><a href="/c/${conversation.id}/" data-local>
    <span class="earlier-text">${conversation.last_message || gettext("No messages yet")}</span>
    <small>${statusName(conversation)} · ${when(conversation.last_message_time ?? conversation.created_at)}</small>
    ${conversation.csat ? face(conversation.csat.rating) : nothing}
  </a></li>`;
}
