/** Which page the address names, and going to another without loading the document again. */
import { touch, ui } from "./app.js";

/** @typedef {typeof ui.route} Route */

/** @type {[RegExp, (match: RegExpMatchArray) => Route][]} */
const ROUTES = [
  [/^\/$/, () => ({ page: "inbox", id: null, section: "" })],
  [/^\/c\/(\d+)\/?$/, (match) => ({ page: "inbox", id: Number(match[1]), section: "" })],
  [/^\/live\/?$/, () => ({ page: "live", id: null, section: "" })],
  [
    /^\/contacts\/(?:(\d+)\/?)?$/,
    (match) => ({ page: "contacts", id: match[1] ? Number(match[1]) : null, section: "" }),
  ],
  [/^\/settings\/(?:(\w+)\/?)?$/, (match) => ({ page: "settings", id: null, section: match[1] ?? "profile" })],
];

/** @type {(now: Route, before: Route) => void} */
let arrived = () => {};

/** @param {string} path @returns {Route | null} */
function read(path) {
  for (const [pattern, route] of ROUTES) {
    const match = path.match(pattern);
    if (match) return route(match);
  }
  return null;
}

function follow() {
  const before = ui.route;
  ui.route = read(location.pathname) ?? { page: "inbox", id: null, section: "" };
  ui.menu?.anchor.setAttribute("aria-expanded", "false");
  ui.menu = null;
  arrived(ui.route, before);
  touch();
}

/** @param {string} path @param {{replace?: boolean}} [how] */
export function go(path, { replace = false } = {}) {
  if (path === location.pathname) return arrived(ui.route, ui.route);
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  follow();
}

/** Follow the address; `onArrival` hears of every change, the first page included. @param {typeof arrived} onArrival */
export function route(onArrival) {
  arrived = onArrival;
  addEventListener("popstate", follow);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-local]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(/** @type {HTMLAnchorElement} */ (link).pathname);
  });
  follow();
}
