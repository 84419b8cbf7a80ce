/** Hooks. They work without a provider too: what asks for the same server with the same token shares one connection. */
import { createContext, createElement, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { Activity } from "./activity.js";
import { conversationsOf, nameOf, sharedClient } from "./shared.js";

/**
 * @typedef {import("./client.js").NioChatClient} NioChatClient
 * @typedef {import("./client.js").Options} ClientOptions
 * @typedef {import("./conversations.js").Conversations} Conversations
 *
 * @typedef {object} HookOptions
 * @property {boolean} [autoConnect]     true unless told otherwise
 * @property {boolean} [autoReconnect]   false: a broken connection stays broken
 * @property {import("./frames.js").Hears<"typing">} [onTyping]
 *
 * @typedef {ClientOptions & HookOptions} WebSocketOptions
 */

/** @type {import("react").Context<NioChatClient | null>} */
const Nearest = createContext(/** @type {NioChatClient | null} */ (null));

/**
 * Gives what stands inside it one connection: a client of yours (whose connection is yours too), or the options of one.
 * @param {ClientOptions & {client?: NioChatClient, children?: import("react").ReactNode}} properties
 */
export function NioChatProvider({ client, children, ...options }) {
  const { client: made, hold } = useOwn(client, options);
  useEffect(() => hold(), [hold]);
  return createElement(Nearest.Provider, { value: made }, children);
}

/** The client of the nearest provider; without one, of the page's own server and its session. @returns {NioChatClient} */
export function useNioChat() {
  return useClient({}).client;
}

/**
 * Follow the connection and what comes over it: `useWebSocket(token)`, `useWebSocket({onConnect, onMessage, …})`, or
 * `useWebSocket()` inside a provider or on a page that the server itself served.
 * @param {string | null | WebSocketOptions} [given]
 * @param {WebSocketOptions} [more]
 */
export function useWebSocket(given, more) {
  const waits = given === null || given === "";
  const options = typeof given === "object" ? { ...given, ...more } : { ...more, ...(given && { token: given }) };
  const { client, hold } = useClient(options);
  const idle = waits || options.autoConnect === false;
  useEffect(() => (idle ? undefined : hold()), [hold, idle]);
  useListeners(client, options);
  const activity = useMemo(() => new Activity(client), [client]);
  const state = useSyncExternalStore(
    activity.subscribe,
    () => activity.state,
    () => activity.state,
  );
  const actions = useMemo(() => actionsOf(client), [client]);
  return { ...actions, ...state, isConnected: state.connected, client };
}

/**
 * The live list of conversations and the one that is open. All parts of a page that use the same connection see the same
 * selection and filters.
 * @param {{client?: NioChatClient} & ClientOptions} [options]
 * @returns {import("./conversations.js").ConversationsState & Pick<Conversations, Action>}
 */
export function useConversations({ client: given, ...options } = {}) {
  const { client, hold } = useClient(options, given);
  useEffect(() => hold(), [hold]);
  const list = conversationsOf(client);
  useEffect(() => list.hold(), [list]);
  const state = useSyncExternalStore(
    list.subscribe,
    () => list.state,
    () => list.state,
  );
  const { loadConversations, loadMore, loadOlder, retry, selectConversation, setSearchTerm } = list;
  const { setStatusFilter, sendMessage, sendTyping, markAsRead } = list;
  const reading = { loadConversations, loadMore, loadOlder, retry, selectConversation, setSearchTerm, setStatusFilter };
  return { ...state, ...reading, sendMessage, sendTyping, markAsRead };
}

/**
 * @typedef {"loadConversations" | "loadMore" | "loadOlder" | "retry" | "selectConversation" | "setSearchTerm"
 *   | "setStatusFilter" | "sendMessage" | "sendTyping" | "markAsRead"} Action
 */

/** @param {ClientOptions & HookOptions} options @param {NioChatClient} [given] */
function useClient(options, given) {
  const nearest = useContext(Nearest);
  const own = options.url !== undefined || options.token !== undefined || options.getToken !== undefined;
  // Another token is shown to the same server.
  const url = options.url ?? nearest?.options.url;
  return useOwn(given ?? (own ? undefined : (nearest ?? undefined)), url === undefined ? options : { ...options, url });
}

/** A client that was given is somebody else's to connect. @param {NioChatClient | undefined} given @param {ClientOptions & HookOptions} options */
function useOwn(given, options) {
  const latest = useRef(options);
  latest.current = options;
  const name = nameOf(options) + options.autoReconnect;
  // biome-ignore lint/correctness/useExhaustiveDependencies: options are told apart by their values, not by their identity
  return useMemo(() => {
    if (given) return { client: given, hold: () => () => {} };
    const { onConnect, onDisconnect, onMessage, onError, onTyping, autoConnect, autoReconnect, ...plain } =
      latest.current;
    const renewal = plain.getToken && { getToken: () => latest.current.getToken?.() ?? "" };
    return sharedClient({ ...plain, ...renewal, ...(autoReconnect === false && { reconnect: false }) });
  }, [given, name]);
}

/** Debugging hooks and listeners of the options, the newest ones at each event. @param {NioChatClient} client @param {WebSocketOptions} options */
function useListeners(client, options) {
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    /** @param {"onConnect" | "onDisconnect" | "onMessage" | "onError" | "onTyping"} name @param {any} told */
    const call = (name, told) => /** @type {any} */ (latest.current)[name]?.(told);
    const ends = [
      client.on("connected", (data) => call("onConnect", data)),
      client.on("disconnected", (detail) => call("onDisconnect", detail)),
      client.on("error", (problem) => call("onError", problem)),
      client.on("typing", (data) => call("onTyping", data)),
      client.on("*", (frame) => OWN.has(frame.type) || call("onMessage", frame)),
    ];
    return () => ends.forEach((end) => void end());
  }, [client]);
}

/** What the client itself tells is no message of the server's. */
const OWN = new Set(["state", "disconnected", "reconnect_failed", "snapshot"]);

/** @param {NioChatClient} client */
function actionsOf(client) {
  return {
    /** Hear a type of event; answers with its removal, as an effect's clean-up. @type {NioChatClient["on"]} */
    on: (type, listener) => client.on(type, listener),
    /** @type {NioChatClient["off"]} */
    off: (type, listener) => client.off(type, listener),
    /** `send(type, data)` or `send(frame)` @type {NioChatClient["send"]} */
    send: (type, data) => client.send(type, data),
    /** `sendMessage(conversationId, content)`, or any frame as an object @type {NioChatClient["sendMessage"] & ((frame: {type: string} & Record<string, any>) => Promise<Record<string, any>>)} */
    sendMessage: (/** @type {[any, any?, any?]} */ ...given) =>
      /** @type {Promise<any>} */ (given[0]?.type ? client.send(given[0]) : client.sendMessage(...given)),
    /** @type {NioChatClient["sendTyping"]} */
    sendTyping: (id, isTyping) => client.sendTyping(id, isTyping),
    /** @type {NioChatClient["markAsRead"]} */
    markAsRead: (id, messageId) => client.markAsRead(id, messageId),
    /** @type {NioChatClient["joinConversation"]} */
    joinConversation: (id) => client.joinConversation(id),
    /** @type {NioChatClient["leaveConversation"]} */
    leaveConversation: (id) => client.leaveConversation(id),
    connect: () => client.connect(),
    disconnect: () => client.disconnect(),
  };
}
