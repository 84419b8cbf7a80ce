/** The phones' sessions that the socket tells of, and the code that is shown for one of them now. */

import { api } from "./api.js";
import { current, touch, update } from "./app.js";
import { attempt } from "./toasts.js";

/** @typedef {{session_id: number, qr_code: string, expires_at: string}} Code */

export const phone = {
  /** @type {number | null} the inbox whose code is on show */ shown: null,
  /** @type {Map<number, Code>} */ codes: new Map(),
  /** @type {Map<number, any>} what REST said of each: its number, its last error */ known: new Map(),
};

/** Hear of codes and states. @param {import("./types.d.ts").Frame} frame */
export function hearPhone({ type, data }) {
  if (type === "qr_code") phone.codes.set(data.session_id, data);
  if (type !== "session_status") return;
  const { session_id: id, status } = data;
  if (status !== "qr") phone.codes.delete(id);
  if (phone.shown === id && status === "connected") phone.shown = null;
  if (phone.known.has(id) && (status === "connected" || status === "disconnected")) loadSession(id);
}

/** The code that can be scanned now. @param {number} id */
export function codeOf(id) {
  const code = phone.codes.get(id);
  return code && Date.parse(code.expires_at) > Date.now() ? code : undefined;
}

/** @param {number} id */
export function statusOf(id) {
  return current().sessions[id]?.status ?? phone.known.get(id)?.status ?? "disconnected";
}

/** @param {number} id */
export async function loadSession(id) {
  keep(id, await attempt(api.get(`inboxes/${id}/session`)));
}

/** Ask for the first code, and show each as it comes. @param {number} id */
export async function connectPhone(id) {
  phone.shown = id;
  touch();
  const answer = await attempt(api.post(`inboxes/${id}/session`));
  if (!answer) phone.shown = null;
  keep(id, answer);
}

/** Have the same phone connected anew. @param {number} id */
export async function restartPhone(id) {
  keep(id, await attempt(api.post(`inboxes/${id}/session/restart`)));
}

/** Why no phone is connected, in words; "" where nobody knows. @param {number} id */
export function whyOf(id) {
  const known = phone.known.get(id);
  const reason = current().sessions[id]?.reason ?? known?.reason;
  if (reason === "unscanned") return gettext("Nobody scanned the code in time.");
  return known?.error ?? "";
}

/** @param {number} id */
export async function partPhone(id) {
  keep(id, await attempt(api.remove(`inboxes/${id}/session`)));
}

export function hidePhone() {
  phone.shown = null;
  touch();
}

/** @param {number} id @param {any} answer */
function keep(id, answer) {
  if (!answer) return touch();
  phone.known.set(id, answer);
  if (answer.qr_code) phone.codes.set(id, answer);
  const { status, since, reason } = answer;
  const told = current().sessions[id];
  if (!told || told.timestamp <= (since ?? ""))
    update((state) => ({
      ...state,
      sessions: { ...state.sessions, [id]: { session_id: id, status, timestamp: since ?? "", reason } },
    }));
  touch();
}
