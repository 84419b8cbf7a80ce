/** What this browser remembers for its person: theme, sound, notices, the folded panel. */

const KEPT_AS = "niochat.prefs";

/** @typedef {{theme: "auto" | "light" | "dark", sound: boolean, notices: boolean, details: boolean, view: string}} Prefs */

/** @type {Prefs} */
const DEFAULTS = { theme: "auto", sound: true, notices: false, details: true, view: "open" };

/** @type {Prefs} */
export const prefs = { ...DEFAULTS, ...read() };

/** @param {Partial<Prefs>} change */
export function prefer(change) {
  Object.assign(prefs, change);
  localStorage.setItem(KEPT_AS, JSON.stringify(prefs));
  dress();
}

/** What the same person chooses in another tab holds in this one too. @param {() => void} told */
export function followPrefs(told) {
  addEventListener("storage", ({ key }) => {
    if (key !== KEPT_AS) return;
    Object.assign(prefs, read());
    dress();
    told();
  });
}

const wide = matchMedia("(min-width: 1101px)");
/** Beside the list, or without it on a telephone, a conversation's head has no room for all of its buttons. */
export const isNarrow = matchMedia("(max-width: 900px)");
/** Where there is no room for it, the details panel is folded until somebody asks, each time anew. */
export const fold = { open: false };

const still = matchMedia("(prefers-reduced-motion: reduce)");
/** How the page scrolls to something, for whom movement is well. */
export const glide = () => /** @type {ScrollBehavior} */ (still.matches ? "instant" : "smooth");

export const showsDetails = () => (wide.matches ? prefs.details : fold.open);

export function toggleDetails() {
  if (wide.matches) prefer({ details: !prefs.details });
  else fold.open = !fold.open;
}

/** Put the theme on the page; `auto` follows the system. */
export function dress() {
  if (prefs.theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = prefs.theme;
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}");
  } catch {
    return {};
  }
}
