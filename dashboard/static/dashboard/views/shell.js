/** The whole window: the rail, the page that the address names, and what floats above. */

import { ready, ui } from "../app.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import { connection, help, toasts } from "./chrome.js";
import { contacts } from "./contacts.js";
import { inbox } from "./inbox.js";
import { menu } from "./menu.js";
import { pausedBanner } from "./paused.js";
import { phoneSheet } from "./phone.js";
import { rail } from "./rail.js";
import { settings } from "./settings.js";
import { wall } from "./wall.js";

const PAGES = { inbox, live: wall, contacts, settings };
const root = /** @type {HTMLElement} */ (document.getElementById("app"));

export function paint() {
  if (!ready()) return render(waiting(), root);
  return render(
    html`${rail()} ${PAGES[ui.route.page]()} ${connection()} ${pausedBanner()} ${phoneSheet()} ${toasts()} ${menu()} ${help()}`,
    root,
  );
}

/** Nothing for the first moment, then the page's shape. */
function waiting() {
  const rows = Array.from({ length: 8 }, () => html`<div class="row-skeleton"><i></i><b></b><b></b></div>`);
  return html`<nav class="rail"></nav><main class="inbox" aria-busy="true">
    <section class="list"><header class="list-head"></header><div class="list-rows">${rows}</div></section>
    <section class="thread"></section>
  </main>`;
}
