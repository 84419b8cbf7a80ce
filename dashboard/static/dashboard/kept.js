/** What this tab keeps for its person over a reload and a new log-in; whoever else logs in here finds nothing of it. */
import { me } from "./app.js";

/** @param {string} what */
const nameOf = (what) => `niochat.${me().tenant_id}.${me().id}.${what}`;

/** What was kept under this name, or null. @param {string} what @returns {any} */
export function kept(what) {
  try {
    return JSON.parse(sessionStorage.getItem(nameOf(what)) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} what @param {unknown} value null takes it away */
export function keep(what, value) {
  try {
    if (value === null) sessionStorage.removeItem(nameOf(what));
    else sessionStorage.setItem(nameOf(what), JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: it lives as long as the page.
  }
}

/** The ends of the names that begin like this. @param {string} what */
export function keptUnder(what) {
  const begin = nameOf(what);
  const names = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? "");
  return names.filter((name) => name.startsWith(begin)).map((name) => name.slice(begin.length));
}
