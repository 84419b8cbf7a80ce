/** What is being written, for each conversation; text survives a reload, files do not. */
import { ui } from "./app.js";

/** @typedef {import("./app.js").Draft} Draft */

const PREFIX = "niochat.draft.";

/** @param {number} id @returns {Draft} */
export function draftOf(id) {
  ui.drafts[id] ??= {
    text: "",
    mode: "reply",
    replyTo: null,
    uploads: [],
    ...JSON.parse(sessionStorage.getItem(PREFIX + id) ?? "{}"),
  };
  return ui.drafts[id];
}

/** @param {number} id @param {Partial<Draft>} change */
export function keepDraft(id, change) {
  const draft = Object.assign(draftOf(id), change);
  const { text, mode, replyTo } = draft;
  if (text || replyTo) sessionStorage.setItem(PREFIX + id, JSON.stringify({ text, mode, replyTo }));
  else sessionStorage.removeItem(PREFIX + id);
}
