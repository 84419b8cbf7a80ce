/** Short words at the foot of the page, and the five seconds in which an act can be taken back. */
import { touch, ui } from "./app.js";

const SHOWN_MS = 4_000;
const UNDO_MS = 5_000;
let made = 0;

/** @typedef {{commit: (options?: RequestInit) => Promise<any>, undo: () => void}} Act */

/** @type {Set<() => void>} acts that the page's end would lose */
const open = new Set();

/** @param {string} text @param {{action?: string, run?: () => void, undo?: () => void, bad?: boolean, ms?: number}} [more] `undo` takes back what was done */
export function say(text, { ms = SHOWN_MS, undo, ...more } = {}) {
  const id = ++made;
  const back = undo ? { action: gettext("Undo"), run: undo, undoes: true } : {};
  ui.toasts = [...ui.toasts.slice(-2), { id, text, ...more, ...back }];
  setTimeout(() => hush(id), more.bad ? ms * 2 : ms);
  touch();
  return id;
}

/** @param {number} id */
export function hush(id) {
  ui.toasts = ui.toasts.filter((toast) => toast.id !== id);
  touch();
}

/** Press the last word that offers to take something back. */
export function takeBack() {
  const last = ui.toasts.findLast((toast) => toast.undoes);
  if (!last) return;
  last.run?.();
  hush(last.id);
}

/** Show the act as done, and do it when nobody has taken it back. @param {string} text @param {Act} act */
export function undoable(text, { commit, undo }) {
  const now = () => {
    if (open.delete(now)) commit({ keepalive: true });
  };
  open.add(now);
  setTimeout(() => open.delete(now) && commit(), UNDO_MS);
  say(text, { undo: () => open.delete(now) && undo(), ms: UNDO_MS });
}

addEventListener("pagehide", () => {
  for (const now of [...open]) now();
});

/** Do it, and say why when it was refused: at the field that was wrong, where the form has it. @template T @param {Promise<T>} work @param {HTMLFormElement} [form] @returns {Promise<T | undefined>} */
export async function attempt(work, form) {
  try {
    return await work;
  } catch (problem) {
    const refusal = /** @type {import("./api.js").Refusal} */ (problem);
    const field = form && refusal.attr ? form.elements.namedItem(refusal.attr) : null;
    if (field instanceof HTMLInputElement) return void blame(field, refusal.message);
    const lost = gettext("No connection. Nothing was changed; try again in a moment.");
    say(refusal.status === 0 ? lost : refusal.message || gettext("That did not work."), { bad: true });
    return undefined;
  }
}

/** @param {HTMLInputElement} field @param {string} why */
function blame(field, why) {
  field.setCustomValidity(why);
  field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
  field.reportValidity();
}
