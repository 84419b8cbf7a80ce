/** The banner over every page when an inbox must be authorised again: who can do it is sent there, others know why. */

import { current, may } from "../app.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill } from "../words.js";
import { icon } from "./parts.js";
import { showInbox } from "./settings_inboxes.js";

export function pausedBanner() {
  const paused = current().inboxes.filter((inbox) => inbox.connection === "paused");
  if (!paused.length) return nothing;
  const names = paused.map((inbox) => inbox.name).join(", ");
  const words = fill(gettext("%(names)s is not connected: messages are kept and go out once it is authorised again."), {
    names,
  });
  return html`<div class="paused" role="alert">${icon("circle-alert")}<span>${words}</span>
    ${may("inbox.manage") ? html`<button type="button" class="button" @click=${() => showInbox(paused[0].id)}>${gettext("Authorise again")}</button>` : nothing}</div>`;
}
