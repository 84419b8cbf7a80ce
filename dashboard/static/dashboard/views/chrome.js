/** What floats over every page: the menu, the toasts, the connection's bar, the sheet of shortcuts. */

import { touch, ui } from "../app.js";
import { feed } from "../live.js";
import { hush } from "../toasts.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill } from "../words.js";
import { icon } from "./parts.js";

const FORBIDDEN = 4403;

export function toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${ui.toasts.map(
      (toast) => html`<div class="toast" ?data-bad=${toast.bad}>
        ${icon(toast.bad ? "circle-alert" : "check")}<span>${toast.text}</span>
        ${toast.action ? html`<button type="button" @click=${() => take(toast)}>${toast.action}</button>` : nothing}
      </div>`,
    )}
  </div>`;
}

/** @param {import("../app.js").Toast} toast */
function take(toast) {
  toast.run?.();
  hush(toast.id);
}

export function connection() {
  const shown = ui.connection.state === "reconnecting" || ui.connection.state === "error";
  return html`<div class="connection" role="status" data-state=${ui.connection.state} ?data-shown=${shown}>${shown ? words(ui.connection) : nothing}</div>`;
}

/** @param {import("../app.js").Link} link */
function words({ state, retryAt, code }) {
  if (code === FORBIDDEN)
    return html`${icon("lock")}<span>${gettext("Your access has ended. Talk to your administrator.")}</span>`;
  const seconds = retryAt ? Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) : 0;
  const text =
    seconds && state === "reconnecting"
      ? fill(gettext("No connection. Again in %(n)s s"), { n: seconds })
      : gettext("Reconnecting…");
  return html`${icon("wifi-off")}<span title=${gettext("Your messages are kept here and go when it is back.")}>${text}</span>
    <button type="button" @click=${() => feed.retryNow()}>${gettext("Try now")}</button>`;
}

export function help() {
  if (!ui.helpOpen) return nothing;
  const keys = [
    ["J", gettext("Next conversation")],
    ["K", gettext("Previous conversation")],
    ["/", gettext("Search")],
    ["R", gettext("Reply")],
    ["N", gettext("Private note")],
    ["A", gettext("Assign to me")],
    ["E", gettext("Close conversation")],
    ["S", gettext("Snooze")],
    ["D", gettext("Show or hide details")],
    ["Z", gettext("Undo")],
    ["Enter", gettext("Send")],
    ["Shift Enter", gettext("New line")],
    ["Esc", gettext("Leave the field, close what is open")],
    ["?", gettext("This list")],
  ];
  return html`<dialog class="sheet" aria-labelledby="help-title" ${ref(open)} @close=${closed} @click=${outside}>
    <h2 id="help-title">${gettext("Keyboard shortcuts")}</h2>
    <dl>${keys.map(([key, what]) => html`<div><dt>${key.split(" ").map((one) => html`<kbd>${one}</kbd>`)}</dt><dd>${what}</dd></div>`)}</dl>
  </dialog>`;
}

/** @param {Element | undefined} dialog */
function open(dialog) {
  if (dialog instanceof HTMLDialogElement && !dialog.open)
    queueMicrotask(() => dialog.isConnected && dialog.showModal());
}

/** @param {MouseEvent} event */
function outside(event) {
  if (event.target === event.currentTarget) /** @type {HTMLDialogElement} */ (event.currentTarget).close();
}

function closed() {
  ui.helpOpen = false;
  touch();
}
