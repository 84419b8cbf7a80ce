/**
 * For Angular: functions and tokens, no decorators, so that there is nothing to compile. Call `provideNioChat({…})` in the
 * application's providers and `injectNioChat()`, `injectConversations()` where you would call `inject`. What is not
 * injected anywhere is not in the bundle.
 */
import { computed, DestroyRef, InjectionToken, inject, makeEnvironmentProviders, NgZone, signal } from "@angular/core";
import { Observable } from "rxjs";
import { Activity } from "./activity.js";
import { NioChatClient } from "./client.js";
import { Conversations } from "./conversations.js";

/**
 * @typedef {import("./client.js").Options} ClientOptions
 * @typedef {import("./commands.js").Id} Id
 * @typedef {import("./commands.js").Extras} Extras
 * @typedef {import("./commands.js").Sent} Sent
 * @typedef {import("./conversations.js").Conversation} Conversation
 * @typedef {import("./conversations.js").StatusFilter} StatusFilter
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {ClientOptions & {autoConnect?: boolean}} Options
 *   `autoConnect: false`: the application calls `connect(token)` itself
 */

/** @type {InjectionToken<Options>} */
export const NIOCHAT_OPTIONS = new InjectionToken("NioChat's options", { providedIn: "root", factory: () => ({}) });

/** The application's connection. @type {InjectionToken<NioChat>} */
export const NIOCHAT = new InjectionToken("NioChat", {
  providedIn: "root",
  factory: () => new NioChat(inject(NIOCHAT_OPTIONS), surroundings()),
});

/** The application's one list of conversations. @type {InjectionToken<LiveConversations>} */
export const NIOCHAT_CONVERSATIONS = new InjectionToken("NioChat's conversations", {
  providedIn: "root",
  factory: () => new LiveConversations(inject(NIOCHAT).client, surroundings()),
});

/** Which server, and who we are. @param {Options} options */
export function provideNioChat(options) {
  return makeEnvironmentProviders([{ provide: NIOCHAT_OPTIONS, useValue: options }]);
}

/** The connection's service; as `inject`, only while something is being made. */
export function injectNioChat() {
  return inject(NIOCHAT);
}

/** The live list of conversations and the one that is open, in signals. */
export function injectConversations() {
  return inject(NIOCHAT_CONVERSATIONS);
}

/** The connection as signals and observables. */
export class NioChat {
  /** @type {Surroundings} */ #around;

  /** @param {Options} options @param {Surroundings} around */
  constructor({ autoConnect = true, ...options }, around) {
    this.#around = around;
    this.client = new NioChatClient(options);
    const activity = new Activity(this.client);
    const state = signals(activity, around);
    this.connectionStatus = computed(() => state().connectionStatus);
    this.connected = computed(() => state().connected);
    this.messages = computed(() => state().messages);
    this.metrics = computed(() => state().metrics);
    this.csatUpdates = computed(() => state().csatUpdates);
    around.destroyRef.onDestroy(() => this.client.disconnect());
    if (autoConnect) this.connect();
  }

  /** @param {string} [token] in place of the one of the options */
  connect(token) {
    return this.client.connect(token);
  }

  disconnect() {
    this.client.disconnect();
  }

  isConnected() {
    return this.connected();
  }

  /** The events of a type. @template {import("./frames.js").EventType} T @param {T} type @returns {Observable<Parameters<import("./frames.js").Hears<T>>[0]>} */
  on(type) {
    return new Observable((subscriber) => {
      const next = (/** @type {any} */ data) => this.#around.zone.run(() => subscriber.next(data));
      return this.client.on(type, /** @type {any} */ (next));
    });
  }

  /** Every frame, `{type, data}`; `connected`, `disconnected` and `error` are among them. @returns {Observable<Frame>} */
  getMessages() {
    return this.on("*");
  }

  /** Any command; the promise is its answer. @type {NioChatClient["send"]} */
  send(type, data) {
    return this.client.send(type, data);
  }

  /** @type {NioChatClient["sendMessage"]} */
  sendMessage(to, content, extras) {
    return this.client.sendMessage(to, content, extras);
  }
}

/** A signal for each field of the list's state, and its actions. */
export class LiveConversations {
  /** @param {NioChatClient} client @param {Surroundings} around */
  constructor(client, around) {
    const list = new Conversations(client);
    const state = signals(list, around);
    around.destroyRef.onDestroy(list.hold());
    this.conversations = computed(() => state().conversations);
    this.currentConversation = computed(() => state().currentConversation);
    this.currentMessages = computed(() => state().currentMessages);
    this.isLoading = computed(() => state().isLoading);
    this.error = computed(() => state().error);
    this.unreadCount = computed(() => state().unreadCount);
    this.isConnected = computed(() => state().isConnected);
    this.searchTerm = computed(() => state().searchTerm);
    this.statusFilter = computed(() => state().statusFilter);
    this.typing = computed(() => state().typing);
    this.viewers = computed(() => state().viewers);
    this.presence = computed(() => state().presence);
    this.loadConversations = list.loadConversations;
    this.loadMore = list.loadMore;
    this.loadOlder = list.loadOlder;
    this.retry = list.retry;
    this.selectConversation = list.selectConversation;
    this.setSearchTerm = list.setSearchTerm;
    this.setStatusFilter = list.setStatusFilter;
    this.sendMessage = list.sendMessage;
    this.sendTyping = list.sendTyping;
    this.markAsRead = list.markAsRead;
  }
}

/**
 * Zone.js does not see what follows an `await`, so what comes from the socket enters Angular's zone here.
 * @typedef {{destroyRef: DestroyRef, zone: NgZone}} Surroundings
 * @returns {Surroundings}
 */
const surroundings = () => ({ destroyRef: inject(DestroyRef), zone: inject(NgZone) });

/**
 * @template T
 * @param {{state: T, subscribe: (listener: () => void) => () => void}} source
 * @param {Surroundings} around
 */
function signals(source, { destroyRef, zone }) {
  const state = signal(source.state);
  destroyRef.onDestroy(source.subscribe(() => zone.run(() => state.set(source.state))));
  return state.asReadonly();
}
