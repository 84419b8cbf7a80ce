/** The contacts that were loaded, by pages and by search. */

import { api } from "./api.js";
import { touch, update } from "./app.js";

const PAGE = 50;
const SEARCH_AFTER_MS = 250;

export const people = {
  search: "",
  /** @type {number[]} in the server's order */ ids: [],
  total: 0,
  begun: false,
  loading: false,
  error: false,
};
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;

/** Load the next page, if there is one and none is on its way. */
export async function loadPeople() {
  const { search } = people;
  if (people.loading || (people.begun && people.ids.length >= people.total)) return;
  Object.assign(people, { loading: true, begun: true, error: false });
  touch();
  try {
    const { rows, total } = await api.list("contacts", { search, limit: PAGE, offset: people.ids.length });
    if (search !== people.search) return;
    keep(rows);
    people.ids = [...new Set([...people.ids, ...rows.map((/** @type {{id: number}} */ row) => row.id)])];
    people.total = total;
  } catch {
    people.error = true;
  }
  people.loading = false;
  touch();
}

/** @param {string} search */
export function searchPeople(search) {
  clearTimeout(typing);
  typing = setTimeout(() => {
    Object.assign(people, { search: search.trim(), ids: [], total: 0, begun: false, loading: false });
    loadPeople();
  }, SEARCH_AFTER_MS);
}

/** @param {import("./types.d.ts").Contact[]} rows */
export function keep(rows) {
  update((state) => ({
    ...state,
    contacts: { ...state.contacts, ...Object.fromEntries(rows.map((row) => [row.id, row])) },
  }));
}

/** A new contact stands at the top. @param {import("./types.d.ts").Contact} contact */
export function addPerson(contact) {
  keep([contact]);
  if (!people.ids.includes(contact.id)) people.total += 1;
  people.ids = [contact.id, ...people.ids.filter((id) => id !== contact.id)];
}
