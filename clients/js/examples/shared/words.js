/** What the four examples have in common: the server, and words for what it tells. */

/** @typedef {import("niochat-client").NioChatClient} NioChatClient */

export const SERVER = "http://localhost:8010";

/** What the address says wins: `?server=https://help.example`. */
export const server = () => new URLSearchParams(location.search).get("server") ?? SERVER;

/** @type {Record<string, string>} */
export const STATES = {
  disconnected: "Disconnected",
  connecting: "Connecting…",
  connected: "Live",
  reconnecting: "Reconnecting…",
  error: "No connection",
};

/** @type {[string, string][]} */
export const FILTERS = [
  ["", "All"],
  ["open", "Open"],
  ["waiting", "Waiting"],
  ["assigned", "Assigned"],
  ["active", "Active"],
  ["closed", "Closed"],
];

/** @type {Record<string, string>} */
const TICKS = { pending: "○", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" };

/** How far our message has come. @param {any} message */
export const tick = (message) => (message.sender === "agent" ? TICKS[message.status] : "");

/** Today the time, else the day. @param {string | null} moment */
export function when(moment) {
  if (!moment) return "";
  const date = new Date(moment);
  const today = date.toDateString() === new Date().toDateString();
  return today
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { day: "numeric", month: "short" });
}

/** Whose side a message stands on. @param {any} message */
export function side(message) {
  if (message.private) return "note";
  if (message.sender === "customer") return "theirs";
  return message.sender === "system" ? "system" : "ours";
}

/** @param {any} message */
export const textOf = (message) =>
  message.deleted_at ? "Message deleted" : message.content || `(${message.message_type})`;

/** One key per message, the same before and after it was stored. @param {any} message */
export const keyOf = (message) => message.client_message_id || String(message.id);

/** @param {Record<number, string>} presence */
export const online = (presence) => Object.values(presence).filter((status) => status !== "offline").length;

/** @param {any[] | undefined} writers @param {string} name */
export function writing(writers, name) {
  if (!writers?.length) return "";
  return writers.some((writer) => writer.contact_id) ? `${name} is typing…` : "A colleague is typing…";
}

/** @param {string} name */
export const initials = (name) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? "")
    .join("");
