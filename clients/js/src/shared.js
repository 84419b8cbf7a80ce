/** One connection for all parts of a page that ask for the same one, and one list of conversations for each connection. */
import { NioChatClient } from "./client.js";
import { Conversations } from "./conversations.js";

/** @typedef {import("./client.js").Options} Options */

/** @type {Map<string, {client: NioChatClient, holders: number}>} */
const shared = new Map();
/** @type {WeakMap<NioChatClient, Conversations>} */
const lists = new WeakMap();

const TOLD_APART_BY = [
  "url",
  "token",
  "auth",
  "reconnect",
  "reconnectInterval",
  "maxReconnectAttempts",
  "pingInterval",
  "pingMs",
];

/** What tells a connection from another one. @param {Record<string, any>} options */
export function nameOf(options) {
  return JSON.stringify(TOLD_APART_BY.map((name) => options[name]));
}

/**
 * A client, the same one for the same options; with a `getToken`, which can't be compared, one of its own.
 * @param {Options} [options]
 * @returns {{client: NioChatClient, hold: () => () => void}} `hold` connects; what it answers with lets go
 */
export function sharedClient(options = {}) {
  const name = nameOf(options);
  const own = options.getToken !== undefined;
  const entry = (!own && shared.get(name)) || { client: new NioChatClient(options), holders: 0 };
  if (!own) shared.set(name, entry);
  const hold = () => {
    entry.holders += 1;
    if (!own) shared.set(name, entry);
    entry.client.connect();
    let held = true;
    return () => {
      if (held) entry.holders -= 1;
      held = false;
      // A page that changes lets go of a connection and takes it again within the same moment.
      setTimeout(() => entry.holders || drop(name, entry), 0);
    };
  };
  return { client: entry.client, hold };
}

/** @param {string} name @param {{client: NioChatClient}} entry */
function drop(name, entry) {
  entry.client.disconnect();
  if (shared.get(name) === entry) shared.delete(name);
}

/** The client's one list of conversations. @param {NioChatClient} client */
export function conversationsOf(client) {
  const list = lists.get(client) ?? new Conversations(client);
  lists.set(client, list);
  return list;
}
