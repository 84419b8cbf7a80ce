/** The one menu of the page: a list to choose from, with arrows, a filter where it is long, and a way back. */

import { touch, ui } from "../app.js";
import { closeMenu } from "../menus.js";
import { keyed } from "../vendor/lit-html/directives/keyed.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { avatar, dot, icon } from "./parts.js";

/** @typedef {import("../app.js").Menu} Menu */
const GAP_PX = 6;

export function menu() {
  const now = ui.menu;
  if (!now) return nothing;
  return keyed(
    now,
    html`<div class="menu" popover="manual" role="dialog" aria-label=${now.label} tabindex="-1" ${ref(place)} @keydown=${keys}>
      ${now.body ? now.body() : choices(now)}
    </div>`,
  );
}

/** @param {Menu} now */
function choices(now) {
  const items = matching(now);
  return html`${now.filterable ? filterBox(now) : html`<p class="menu-title">${now.label}</p>`}
    <div class="menu-items" role="listbox" aria-label=${now.label} aria-multiselectable=${now.stays ? "true" : nothing}>
      ${items.map(
        (
          item,
          at,
        ) => html`<button type="button" class="menu-item" role="option" id="menu-${at}" tabindex="-1" aria-selected=${item.checked ?? false}
          ?data-at=${at === now.at} ?data-danger=${item.danger} @click=${() => choose(item)} @pointermove=${() => move(at)}>
          ${picture(item)}<span>${item.label}</span>${item.hint ? html`<small>${item.hint}</small>` : nothing}
          ${item.checked ? icon("check") : nothing}
        </button>`,
      )}
      ${items.length ? nothing : html`<p class="menu-none">${gettext("Nothing found")}</p>`}
    </div>`;
}

/** @param {import("../app.js").MenuItem} item */
function picture(item) {
  if (item.person) return avatar(item.person, { size: 20, presence: /** @type {any} */ (item.person).status });
  if (item.labelled) return dot(item.labelled);
  if (item.dot) return html`<i class="presence" data-status=${item.dot}></i>`;
  return item.icon ? icon(item.icon) : nothing;
}

/** @param {Menu} now */
function filterBox(now) {
  return html`<label class="menu-filter">${icon("search")}<span class="visually-hidden">${now.label}</span>
    <input placeholder=${now.label} autocomplete="off" role="combobox" aria-expanded="true" aria-activedescendant="menu-${now.at}" @input=${filtered} />
  </label>`;
}

/** @param {Menu} now */
function matching(now) {
  const wanted = plain(now.query);
  return now.items().filter((item) => plain(`${item.label} ${item.hint ?? ""}`).includes(wanted));
}

/** @param {string} text */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** @param {Event} event */
function filtered(event) {
  Object.assign(ui.menu ?? {}, { query: /** @type {HTMLInputElement} */ (event.target).value, at: 0 });
  touch();
}

/** @param {number} at */
function move(at) {
  if (!ui.menu || ui.menu.at === at) return;
  ui.menu.at = at;
  touch();
}

/** @param {import("../app.js").MenuItem} item */
function choose(item) {
  const stays = ui.menu?.stays;
  if (!stays) dismiss();
  item.run();
  touch();
}

/** Close the menu and give the focus back to what opened it. */
export function dismiss() {
  // While it is still said to be open: what only shows with the focus in it would be gone.
  ui.menu?.anchor.focus({ preventScroll: true });
  closeMenu();
}

/** @param {KeyboardEvent} event */
function keys(event) {
  const now = ui.menu;
  if (!now) return;
  if (event.key === "Escape" || event.key === "Tab") return stop(event, dismiss);
  if (now.body) return;
  const items = matching(now);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) stop(event, () => move((now.at + step + items.length) % items.length));
  if (event.key === "Enter" && items[now.at]) stop(event, () => choose(items[now.at]));
  requestAnimationFrame(() => document.querySelector(".menu-item[data-at]")?.scrollIntoView({ block: "nearest" }));
}

/** @param {Event} event @param {() => void} then */
function stop(event, then) {
  event.preventDefault();
  event.stopPropagation();
  then();
}

/** Beside its anchor, inside the window. @param {Element | undefined} element */
function place(element) {
  if (!(element instanceof HTMLElement)) return;
  queueMicrotask(() => {
    if (!element.isConnected || !ui.menu) return;
    element.showPopover();
    const around = ui.menu.anchor.getBoundingClientRect();
    const { width, height } = element.getBoundingClientRect();
    const below = around.bottom + GAP_PX + height < innerHeight;
    const top = below ? around.bottom + GAP_PX : Math.max(GAP_PX, around.top - GAP_PX - height);
    const beside =
      around.left < 56
        ? { left: around.right + GAP_PX, top: innerHeight - height - GAP_PX }
        : { left: around.left, top };
    element.style.left = `${Math.max(GAP_PX, Math.min(beside.left, innerWidth - width - GAP_PX))}px`;
    element.style.top = `${beside.top}px`;
    /** @type {HTMLElement} */ (element.querySelector("input, .emoji-grid button") ?? element).focus({
      preventScroll: true,
    });
  });
}

/** A press outside closes it. @param {PointerEvent} event */
export function pressedOutside(event) {
  const target = /** @type {Element} */ (event.target);
  if (!ui.menu || target.closest?.(".menu") || ui.menu.anchor.contains(target)) return;
  closeMenu();
}
