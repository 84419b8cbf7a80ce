/** The conversations that a view shows, page by page, and the list that holds still under the pointer. */
import { api } from "./api.js";
import { current, me, touch, touchedSince, ui, update } from "./app.js";
import { keep, kept } from "./kept.js";
import { prefer } from "./prefs.js";
import { mergeConversations, newestFirst } from "./store.js";

/**
 * @typedef {import("./types.d.ts").Conversation} Conversation
 * @typedef {object} Loaded what REST has told about one view with its filters
 * @property {Conversation | null} last   the oldest row loaded: what is older may have gaps before it
 * @property {number[] | null} found      a search's ids, in the server's order
 * @property {boolean} done
 * @property {boolean} loading
 * @property {string} error
 *
 * @typedef {object} View
 * @property {string} id
 * @property {() => string} name
 * @property {Record<string, string>} query
 * @property {(conversation: Conversation) => boolean} holds
 * @property {keyof import("./types.d.ts").Counts} [counts]
 */

const PAGE = 50;
const MOST = 200;
const KEPT_AS = "list";

/** @type {View[]} */
export const VIEWS = [
  { id: "mine", name: () => gettext("Mine"), query: { status: "open", assignee: "me" }, holds: isMine, counts: "mine" },
  {
    id: "waiting",
    name: () => gettext("Queue"),
    query: { status: "waiting" },
    holds: is("waiting"),
    counts: "waiting",
  },
  {
    id: "open",
    name: () => gettext("Open"),
    query: { status: "open" },
    holds: (one) => one.status !== "closed",
    counts: "open",
  },
  {
    id: "snoozed",
    name: () => pgettext("view", "Snoozed"),
    query: { status: "snoozed" },
    holds: is("snoozed"),
    counts: "snoozed",
  },
  { id: "closed", name: () => pgettext("view", "Closed"), query: { status: "closed" }, holds: is("closed") },
];

/** @param {string} status @returns {(conversation: Conversation) => boolean} */
function is(status) {
  return (conversation) => conversation.status === status;
}

/** @param {Conversation} conversation */
function isMine(conversation) {
  return conversation.assignee_id === me().id && conversation.status !== "closed";
}

export const view = () => VIEWS.find((one) => one.id === ui.view) ?? VIEWS[0];
const key = () => JSON.stringify([ui.view, ui.filters, ui.search]);
/** @returns {Loaded | undefined} */
export const loaded = () => ui.lists[key()];

/** @param {Conversation} conversation */
function passes(conversation) {
  const { inbox, team, label, assignee } = ui.filters;
  if (ui.closing.has(conversation.id) && ui.view !== "closed") return false;
  if (inbox && String(conversation.inbox_id) !== inbox) return false;
  if (team && String(conversation.team_id) !== team) return false;
  if (label && !conversation.labels.includes(label)) return false;
  if (assignee && String(conversation.assignee_id ?? "none") !== assignee) return false;
  return view().holds(conversation) || (conversation.id === ui.staying && conversation.status !== "closed");
}

/** Answered or passed on, an opened conversation would leave the list at once: it stays until another is opened. @param {number | null} id */
export function stay(id) {
  ui.staying = id !== null && liveRows().some((row) => row.id === id) ? id : 0;
}

/** The rows as they are now, newest first; nothing from beyond what was loaded, where rows may be missing between. */
function liveRows() {
  const now = loaded();
  const all = current().conversations;
  if (now?.found) {
    const byId = new Map(all.map((conversation) => [conversation.id, conversation]));
    return /** @type {Conversation[]} */ (now.found.map((id) => byId.get(id)).filter(Boolean));
  }
  if (ui.search) return [];
  const last = now?.done ? null : now?.last;
  return all.filter((conversation) => passes(conversation) && (!last || newestFirst(conversation, last) <= 0));
}

/** The rows as they are shown: while the list holds still, in the order that it had. */
export function shownRows() {
  const live = liveRows();
  if (!ui.hold) return { rows: live, news: 0 };
  const byId = new Map(current().conversations.map((conversation) => [conversation.id, conversation]));
  const held = ui.hold;
  const rows = [...held.keys()].map((id) => byId.get(id)).filter((row) => row !== undefined);
  const news = live.filter((row) => !held.has(row.id) || row.last_message_id !== held.get(row.id)).length;
  const moved = live.some((row, at) => row.id !== rows[at]?.id);
  return { rows, news: moved ? news : 0 };
}

export function hold() {
  if (ui.hold) return;
  ui.hold = new Map(liveRows().map((row) => [row.id, row.last_message_id]));
}

export function release() {
  if (!ui.hold) return;
  ui.hold = null;
  touch();
}

/** Remember how far down the list is. @param {number} top */
export function stands(top) {
  ui.place = { list: key(), top, rows: liveRows().length };
}

/** How far down the list was when it was last seen. */
export const stood = () => (ui.place.list === key() ? ui.place.top : 0);

/** Stand again where a reload found the list. */
export function comeBackTo() {
  const { filters = {}, search = "", place = ui.place } = kept(KEPT_AS) ?? {};
  Object.assign(ui, { filters, search, asked: search, place });
  addEventListener("pagehide", () => keep(KEPT_AS, { filters: ui.filters, search: ui.search, place: ui.place }));
}

/** Show another view or filter. @param {{view?: string, filters?: Record<string, string>, search?: string}} change */
export function look(change) {
  Object.assign(ui, change);
  prefer({ view: ui.view });
  ui.staying = 0;
  ui.hold = null;
  loadMore();
  touch();
}

/** Load the view's next page, if there is one and none is on its way. */
export async function loadMore() {
  const where = key();
  const known = ui.lists[where] ?? { last: null, found: null, done: false, loading: false, error: "" };
  if (known.loading || known.done) return;
  const lists = ui.lists;
  lists[where] = { ...known, loading: true, error: "" };
  touch();
  lists[where] = await nextPage(known).catch((refusal) => ({
    ...known,
    loading: false,
    error: refusal.message || refusal.code,
  }));
  touch();
}

/** @param {Loaded} known @returns {Promise<Loaded>} */
async function nextPage(known) {
  const touched = touchedSince("conversations");
  const searching = ui.search.trim();
  const offset = searching ? (known.found?.length ?? 0) : known.last ? liveRows().length : 0;
  const query = searching ? { search: searching } : view().query;
  const limit = offset || ui.place.list !== key() ? PAGE : Math.min(Math.max(PAGE, ui.place.rows), MOST);
  const { rows, total } = await api.list("conversations", { ...query, ...ui.filters, limit, offset });
  update((state) => mergeConversations(state, rows, touched()));
  const found = searching
    ? [...new Set([...(known.found ?? []), ...rows.map((/** @type {Conversation} */ row) => row.id)])]
    : null;
  return { last: rows.at(-1) ?? known.last, found, done: offset + rows.length >= total, loading: false, error: "" };
}
