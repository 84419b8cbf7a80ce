/** What the widget will look like, drawn while it is written. */

import { touch } from "../app.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "./parts.js";

const READABLE = 4.5;
/** @type {"light" | "dark"} */
let scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

/** @param {import("./settings_widget.js").Draft} draft @param {any} inbox */
export function preview(draft, inbox) {
  const { accent, title, greeting, offline } = draft;
  return html`<figure class="widget-preview" aria-label=${gettext("Preview")}>
    <div class="widget-mock" data-scheme=${scheme} aria-hidden="true" ${ref((mock) => paint(mock, accent))}>
      <header><span class="widget-face">${(title || inbox.name).slice(0, 1).toUpperCase()}</span>
        <span><b>${title || gettext("The company's name")}</b><small>${gettext("Back soon")}</small></span></header>
      <div class="widget-log">
        <p data-side="theirs">${greeting || gettext("Hello. How can we help?")}</p>
        <p data-side="ours">${gettext("Do you deliver on Saturdays?")}</p>
        <p data-side="notice">${offline || gettext("Leave your e-mail and we will answer there.")}</p>
      </div>
      <footer><span>${gettext("Write a message")}</span><span class="widget-send">${icon("arrow-up")}</span></footer>
    </div>
    <figcaption>${["light", "dark"].map((one) => choice(/** @type {typeof scheme} */ (one)))}</figcaption>
  </figure>`;
}

/** The page's policy allows no style in the markup. @param {Element | undefined} mock @param {string} accent */
function paint(mock, accent) {
  if (!(mock instanceof HTMLElement)) return;
  mock.style.setProperty("--widget-accent", accent);
  mock.style.setProperty("--widget-ink", inkOn(accent));
}

/** @param {typeof scheme} one */
function choice(one) {
  const choose = () => {
    scheme = one;
    touch();
  };
  return html`<button type="button" class="chip" aria-pressed=${scheme === one} @click=${choose}>${one === "light" ? gettext("Light") : gettext("Dark")}</button>`;
}

/** White where it can be read, else near black: as the widget itself decides. @param {string} colour `#rrggbb` */
function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= READABLE ? "#fff" : "#10191c";
}

/** @param {number} channel sRGB, 0 to 1 */
const linear = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
