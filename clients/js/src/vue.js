/** A plugin and composables for Vue 3. */
import { computed, inject, onScopeDispose, shallowRef } from "vue";
import { Activity } from "./activity.js";
import { NioChatClient } from "./client.js";
import { conversationsOf, sharedClient } from "./shared.js";

/**
 * @typedef {import("./client.js").Options} ClientOptions
 * @typedef {import("./conversations.js").Conversation} Conversation
 * @typedef {import("./conversations.js").StatusFilter} StatusFilter
 * @typedef {ClientOptions & {client?: NioChatClient, autoConnect?: boolean}} PluginOptions
 *   `autoConnect: false`: the application calls `client.connect(token)` itself
 */

/** @type {import("vue").InjectionKey<NioChatClient>} */
export const NIOCHAT = Symbol("NioChat");

/**
 * `app.use(createNioChat({ url, getToken }))`: one connection for the application. Components find it by `useNioChat()`, and
 * in templates and options as `$niochat`, or as `$websocket` with `connect(token), send, on, off, disconnect, connected`.
 * @param {PluginOptions} [options]
 */
export function createNioChat({ client: given, autoConnect = true, ...options } = {}) {
  const client = given ?? new NioChatClient(options);
  return {
    client,
    /** @param {import("vue").App} app */
    install(app) {
      app.provide(NIOCHAT, client);
      app.config.globalProperties.$niochat = client;
      app.config.globalProperties.$websocket = plain(client);
      if (autoConnect && !given) client.connect();
      app.onUnmount?.(() => given || client.disconnect());
    },
  };
}

/** The application's client; without the plugin, one for the page's own server and its session. @returns {NioChatClient} */
export function useNioChat() {
  return clientFor({});
}

/**
 * The connection, and what has come over it since the component was made.
 * @param {ClientOptions} [options] other than the plugin's
 */
export function useWebSocket(options = {}) {
  const client = clientFor(options);
  const activity = new Activity(client);
  const state = useState(activity);
  const { connectionStatus, connected, messages, metrics, csatUpdates } = fields(state);
  return {
    ...{ client, connectionStatus, connected, isConnected: connected, messages, metrics, csatUpdates },
    /** Hear a type of event until the component is gone. @type {NioChatClient["on"]} */
    on: (type, listener) => {
      const end = client.on(type, listener);
      onScopeDispose(end, true);
      return end;
    },
    /** @type {NioChatClient["off"]} */
    off: (type, listener) => client.off(type, listener),
    /** @type {NioChatClient["send"]} */
    send: (type, data) => client.send(type, data),
    /** @type {NioChatClient["sendMessage"]} */
    sendMessage: (to, content, extras) => client.sendMessage(to, content, extras),
  };
}

/**
 * The live list of conversations and the one that is open. All components that use the same connection see the same
 * selection and filters; `searchTerm` and `statusFilter` may be written, as by `v-model`.
 * @param {ClientOptions & {client?: NioChatClient}} [options]
 */
export function useConversations({ client: given, ...options } = {}) {
  const client = given ?? clientFor(options);
  const list = conversationsOf(client);
  onScopeDispose(list.hold());
  const state = useState(list);
  const shown = fields(state);
  const { loadConversations, loadMore, loadOlder, retry, selectConversation, setSearchTerm } = list;
  const { setStatusFilter, sendMessage, sendTyping, markAsRead } = list;
  const searchTerm = computed({ get: () => state.value.searchTerm, set: setSearchTerm });
  const statusFilter = computed({ get: () => state.value.statusFilter, set: setStatusFilter });
  const reading = { loadConversations, loadMore, loadOlder, retry, selectConversation, setSearchTerm, setStatusFilter };
  return { ...shown, searchTerm, statusFilter, ...reading, sendMessage, sendTyping, markAsRead };
}

/** @param {ClientOptions} options @returns {NioChatClient} */
function clientFor(options) {
  const nearest = inject(NIOCHAT, null);
  if (nearest && !options.url && !options.token && !options.getToken) return nearest;
  const { client, hold } = sharedClient(options);
  onScopeDispose(hold());
  return client;
}

/**
 * @template T
 * @param {{state: T, subscribe: (listener: () => void) => () => void}} source
 */
function useState(source) {
  const state = shallowRef(source.state);
  onScopeDispose(
    source.subscribe(() => {
      state.value = source.state;
    }),
  );
  state.value = source.state;
  return state;
}

/**
 * A reference to each field.
 * @template {Record<string, any>} T
 * @param {import("vue").ShallowRef<T>} state
 * @returns {{readonly [K in keyof T]: import("vue").ComputedRef<T[K]>}}
 */
function fields(state) {
  const entries = Object.keys(state.value).map((name) => [name, computed(() => state.value[name])]);
  return Object.fromEntries(entries);
}

/** @param {NioChatClient} client */
function plain(client) {
  return {
    get connected() {
      return client.isConnected();
    },
    /** @param {string} [token] */
    connect: (token) => client.connect(token),
    /** @type {NioChatClient["send"]} */
    send: (type, data) => client.send(type, data),
    /** @type {NioChatClient["on"]} */
    on: (type, listener) => client.on(type, listener),
    /** @type {NioChatClient["off"]} */
    off: (type, listener) => client.off(type, listener),
    disconnect: () => client.disconnect(),
  };
}
