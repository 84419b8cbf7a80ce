/** The messages of the opened conversation that say what was searched for, and the way from one to the next. */
import { api } from "./api.js";
import { touch, ui } from "./app.js";
import { reach } from "./threads.js";
import { toMessage } from "./views/scroll.js";

const SHORTEST = 3;
const MOST = 100;

export const finds = {
  conversation: 0,
  text: "",
  /** @type {number[]} the newest first */ ids: [],
  at: 0,
};

/** Whether what was found belongs to what is on show. */
export const found = () =>
  ui.route.id === finds.conversation && ui.search.trim() === finds.text && finds.ids.length > 0;

/** Look through a conversation that a search has led to, and show the newest message that says it. @param {number} id */
export async function findIn(id) {
  const text = ui.search.trim();
  if (text.length < SHORTEST) return;
  try {
    const rows = await api.get(`conversations/${id}/messages`, { search: text, limit: MOST });
    const ids = rows.map((/** @type {{id: number}} */ row) => row.id).reverse();
    Object.assign(finds, { conversation: id, text, ids, at: 0 });
    if (found()) await show();
  } catch {
    // The conversation is open all the same.
  }
}

/** @param {1 | -1} by 1: to an older one */
export function step(by) {
  finds.at = (finds.at + by + finds.ids.length) % finds.ids.length;
  return show();
}

async function show() {
  touch();
  await bringTo(finds.conversation, finds.ids[finds.at]);
}

/** Show a message, however old it is. @param {number} conversation @param {number} id */
export async function bringTo(conversation, id) {
  if (await reach(conversation, id)) requestAnimationFrame(() => toMessage(id));
}
