/** The inbox: list, conversation, details. */

import { ui } from "../app.js";
import { showsDetails } from "../prefs.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { details } from "./details.js";
import { list } from "./list.js";
import { thread } from "./thread.js";

export function inbox() {
  const open = ui.route.id !== null;
  const detailed = open && showsDetails();
  return html`<main class="inbox" ?data-open=${open} ?data-details=${detailed}>
    ${list()} ${thread()} ${detailed ? details() : nothing}
  </main>`;
}
