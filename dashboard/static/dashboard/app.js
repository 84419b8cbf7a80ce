/**
 * The one place that holds what the page knows: `state` (the server's, see store.js) and `ui` (this window's own).
 *
 * `update` replaces the state, `touch` says that `ui` changed; both ask for one repaint at the next frame.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Attachment} Attachment
 *
 * @typedef {object} Upload a file on its way into a reply
 * @property {string} key
 * @property {File} file
 * @property {number} part          0 to 1
 * @property {Attachment | null} attachment   what the server made of it
 * @property {string} error
 * @property {boolean} [final]      the same would be refused again
 * @property {() => void} cancel
 *
 * @typedef {object} Draft
 * @property {string} text
 * @property {"reply" | "note"} mode
 * @property {number | null} replyTo
 * @property {Upload[]} uploads
 *
 * @typedef {object} MenuItem
 * @property {string} id
 * @property {string} label
 * @property {string} [hint]
 * @property {string} [icon]
 * @property {{id: number, name: string, avatar_url?: string}} [person]
 * @property {string} [dot]         a presence
 * @property {string} [labelled]    a label
 * @property {boolean} [checked]
 * @property {boolean} [danger]
 * @property {() => void} run
 *
 * @typedef {object} Menu
 * @property {HTMLElement} anchor
 * @property {string} label
 * @property {() => MenuItem[]} items   asked at every paint, so that it follows the state
 * @property {boolean} [filterable]
 * @property {boolean} [stays]          several may be chosen
 * @property {() => any} [body]         something else than a list
 * @property {string} query
 * @property {number} at
 *
 * @typedef {import("../niochat-client/client.js").StateDetail & {state: import("../niochat-client/client.js").State}} Link
 *
 * @typedef {object} Toast
 * @property {number} id
 * @property {string} text
 * @property {string} [action]
 * @property {() => void} [run]
 * @property {boolean} [undoes]     its action takes back what was done
 * @property {boolean} [bad]
 */

import { prefs } from "./prefs.js";

export const ui = {
  /** @type {{page: "inbox" | "live" | "contacts" | "settings", id: number | null, section: string}} */
  route: { page: "inbox", id: null, section: "" },
  view: prefs.view,
  /** @type {Record<string, string>} */ filters: {},
  search: "",
  /** What stands in the search box, a moment before it is looked for. */ asked: "",
  /** How far down which list was seen, and how many rows it had. */ place: { list: "", top: 0, rows: 0 },
  /** @type {Record<string, import("./lists.js").Loaded>} */ lists: {},
  /** @type {Record<number, import("./threads.js").Opened>} */ threads: {},
  /** @type {Record<number, Draft>} */ drafts: {},
  /** @type {import("./outbox.js").Pending[]} */ outbox: [],
  /** @type {Map<number, number | null> | null} ids and last messages of a list that holds still */ hold: null,
  /** The opened conversation, as long as the list keeps it although it has left the view. */ staying: 0,
  /** @type {Set<number>} conversations whose closing may still be undone */ closing: new Set(),
  /** @type {Set<number>} messages whose deletion may still be undone */ deleting: new Set(),
  /** @type {Menu | null} */ menu: null,
  /** @type {Toast[]} */ toasts: [],
  /** @type {Link} */ connection: { state: "connecting" },
  helpOpen: false,
};

const CALM_MS = 100;
const STAMPS = 5_000;

/** @type {State | null} */
let state = null;
/** @type {Set<() => void>} */
const watchers = new Set();
let asked = false;
let drawnAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let later;
let frames = 0;
/** @typedef {"conversations" | "messages"} Rows */
/** @type {Record<Rows, Map<number, number>>} the number of the last frame that told a row, the latest last */
const stamps = { conversations: new Map(), messages: new Map() };
/** @type {() => void} */
let draw = () => {};

/** The state, once there is one. */
export const current = () => /** @type {State} */ (state);
export const ready = () => state !== null;
export const me = () => current().user;
/** @param {string} permission */
export const may = (permission) => ready() && me().permissions.includes(permission);

/** @param {(state: State) => State} change */
export function update(change) {
  state = change(/** @type {State} */ (state));
  touch();
}

/** For what comes by itself, by the hundred at times: painted at once after a pause, and never oftener than the eye follows. @param {(state: State) => State} change */
export function follow(change) {
  state = change(/** @type {State} */ (state));
  tell();
  const wait = drawnAt + CALM_MS - performance.now();
  if (wait <= 0) paint();
  else later ??= setTimeout(paint, wait);
}

export function touch() {
  tell();
  paint();
}

function tell() {
  for (const watch of watchers) watch();
}

function paint() {
  clearTimeout(later);
  later = undefined;
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw();
    drawnAt = performance.now();
  });
}

/** Be told at every change, before the repaint. @param {() => void} watch */
export const watch = (watch) => watchers.add(watch);
/** @param {() => void} paint */
export const drawWith = (paint) => {
  draw = paint;
};

/** A frame told these rows anew: an answer that REST began before is older. @param {Rows} kind @param {(number | null | undefined)[]} ids */
export function stamp(kind, ...ids) {
  frames += 1;
  const known = stamps[kind];
  for (const id of ids) {
    if (!id) continue;
    known.delete(id);
    known.set(id, frames);
  }
  // No request is under way for as long as the first of so many.
  while (known.size > STAMPS) known.delete(/** @type {number} */ (known.keys().next().value));
}

/** Call before a request; the answer is the set of rows that frames told anew since. @param {Rows} kind */
export function touchedSince(kind) {
  const start = frames;
  return () => new Set([...stamps[kind]].filter(([, at]) => at > start).map(([id]) => id));
}
