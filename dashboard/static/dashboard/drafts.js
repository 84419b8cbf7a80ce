/** What is being written, for each conversation; text and files that the server has survive a reload. */
import { ui } from "./app.js";
import { keep, kept, keptUnder } from "./kept.js";

/** @typedef {import("./app.js").Draft} Draft */

const NAME = "draft.";

/** @param {number} id @returns {Draft} */
export function draftOf(id) {
  ui.drafts[id] ??= { text: "", mode: "reply", replyTo: null, uploads: [], ...restored(id) };
  return ui.drafts[id];
}

/** @param {number} id @returns {Partial<Draft> | null} */
function restored(id) {
  const draft = kept(NAME + id);
  return (
    draft && { ...draft, uploads: (draft.uploads ?? []).map((/** @type {any} */ one) => ({ ...one, cancel() {} })) }
  );
}

/** @param {number} id @param {Partial<Draft>} change */
export function keepDraft(id, change) {
  const { text, mode, replyTo, uploads } = Object.assign(draftOf(id), change);
  const stored = uploads.filter((one) => one.attachment).map(lasting);
  keep(NAME + id, text || replyTo || stored.length ? { text, mode, replyTo, uploads: stored } : null);
}

/** What a reload can keep of a file that was sent up. @param {import("./app.js").Upload} upload */
const lasting = ({ key, file: { name, size, type }, attachment }) => ({
  key,
  file: { name, size, type },
  part: 1,
  attachment,
  error: "",
});

/** Take up what an earlier page left, so that the list shows where something waits to be finished. */
export function restoreDrafts() {
  for (const id of keptUnder(NAME)) draftOf(Number(id));
}
