/**
 * What a page that shows no conversations wants to know: the connection's state, and what has come since it was opened.
 *
 * @typedef {import("./client.js").NioChatClient} NioChatClient
 *
 * @typedef {object} ActivityState
 * @property {import("./frames.js").State} connectionStatus
 * @property {boolean} connected
 * @property {import("./frames.js").ServerEvents["chat_message"][]} messages    oldest first, the last 500
 * @property {import("./frames.js").Metrics | null} metrics
 * @property {import("./frames.js").ServerEvents["csat_update"][]} csatUpdates  oldest first, the last 500
 */

const KEPT = 500;

export class Activity {
  /** @type {ActivityState} */ state;
  /** @type {Set<() => void>} */ #listeners = new Set();

  /** @param {NioChatClient} client */
  constructor(client) {
    this.client = client;
    this.state = { ...status(client), messages: [], metrics: null, csatUpdates: [] };
  }

  /** Follow, and be told of each change. @param {() => void} [listener] @returns {() => void} its removal */
  subscribe = (listener = () => {}) => {
    if (!this.#listeners.size) this.#follow();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (!this.#listeners.size) this.#end();
    };
  };

  #end = () => {};

  #follow() {
    const { client } = this;
    this.#set(status(client));
    const ends = [
      client.on("state", () => this.#set(status(client))),
      client.on("chat_message", (data) => this.#set({ messages: [...this.state.messages, data].slice(-KEPT) })),
      client.on("csat_update", (data) => this.#set({ csatUpdates: [...this.state.csatUpdates, data].slice(-KEPT) })),
      client.on("dashboard_metrics", (metrics) => this.#set({ metrics })),
    ];
    this.#end = () => ends.forEach((end) => void end());
  }

  /** @param {Partial<ActivityState>} change */
  #set(change) {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}

/** @param {NioChatClient} client */
const status = (client) => ({ connectionStatus: client.state, connected: client.isConnected() });
