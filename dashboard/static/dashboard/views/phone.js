/** A phone's session in the settings, and the sheet with the code to scan. */

import { current } from "../app.js";
import { codeOf, connectPhone, hidePhone, partPhone, phone, restartPhone, statusOf, whyOf } from "../sessions.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill } from "../words.js";
import { icon, iconButton } from "./parts.js";

/** @param {string} status */
function phoneState(status) {
  const names = {
    connecting: gettext("Connecting…"),
    qr: gettext("Waits for the code to be scanned"),
    connected: gettext("Connected"),
    disconnected: gettext("Not connected"),
  };
  return names[/** @type {keyof typeof names} */ (status)] ?? status;
}

/** One inbox's phone: how it stands, and the button that changes it. @param {{id: number}} inbox */
export function phoneRow({ id }) {
  const status = statusOf(id);
  const known = phone.known.get(id);
  const whose = [known?.profile_name, known?.phone ? `+${known.phone}` : ""].filter(Boolean).join(" · ");
  return html`<div class="account-health" data-session=${status} ?data-bad=${status === "disconnected"}>
    ${icon(status === "connected" ? "check" : "phone")}
    <span class="rows-text"><b>${phoneState(status)}</b>${status === "connected" && whose ? html`<small>${whose}</small>` : nothing}
      ${status === "disconnected" && whyOf(id) ? html`<small>${whyOf(id)}</small>` : nothing}</span>
    ${
      status === "connected"
        ? html`<button type="button" class="button" @click=${() => restartPhone(id)}>${gettext("Restart")}</button>
          <button type="button" class="button" @click=${() => partPhone(id)}>${gettext("Part the phone")}</button>`
        : html`<button type="button" class="button" data-strong @click=${() => connectPhone(id)}>${icon("qr-code")}${gettext("Connect a phone")}</button>`
    }</div>`;
}

/** The state of an inbox's phone beside its name. @param {{id: number}} inbox */
export function phoneMark({ id }) {
  const status = statusOf(id);
  return html`<span class="session-mark" data-session=${status}>${phoneState(status)}</span>`;
}

/** The code, as long as one is asked for; it renews itself, and goes by itself. */
export function phoneSheet() {
  const id = phone.shown;
  if (id === null) return nothing;
  const name = current().inboxes.find((inbox) => inbox.id === id)?.name ?? "";
  const code = codeOf(id);
  const status = statusOf(id);
  return html`<dialog class="sheet phone-sheet" aria-labelledby="phone-title" ${ref(open)} @close=${hidePhone}>
    <header><h2 id="phone-title">${fill(gettext("Connect the phone of %(name)s"), { name })}</h2>
      ${iconButton("x", gettext("Close"), hidePhone, { tip: "left" })}</header>
    <div class="phone-code" aria-live="polite">
      ${
        code
          ? html`<img src=${code.qr_code} alt=${gettext("Code to scan with WhatsApp")} width="280" height="280" />`
          : html`<p>${status === "disconnected" ? whyOf(id) || phoneState(status) : gettext("The code is on its way…")}</p>`
      }
      ${status === "disconnected" ? html`<button type="button" class="button" data-strong @click=${() => connectPhone(id)}>${gettext("Start again")}</button>` : nothing}
    </div>
    <ol><li>${gettext("Open WhatsApp on the phone.")}</li><li>${gettext("Settings, Linked devices, Link a device.")}</li>
      <li>${gettext("Point the phone at this code. It renews itself.")}</li></ol>
  </dialog>`;
}

/** @param {Element | undefined} dialog */
function open(dialog) {
  if (dialog instanceof HTMLDialogElement && !dialog.open)
    queueMicrotask(() => dialog.isConnected && dialog.showModal());
}
