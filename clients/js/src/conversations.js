/**
 * A live list of conversations and the one that is open, for any framework or none: `state` is made anew at each change,
 * `subscribe` tells of it. While the socket is down the list is fetched by REST every 30 s; what can't be fetched is tried
 * again soon.
 */
import { deliver, draftOf } from "./drafts.js";
import { apply, chosen, NOTHING, withMessages, withRows } from "./followed.js";
import { Pages } from "./pages.js";
import { Refresh } from "./refresh.js";
import { Typists } from "./typists.js";

/**
 * @typedef {import("./client.js").NioChatClient} NioChatClient
 * @typedef {import("./frames.js").Conversation} Conversation
 * @typedef {import("./frames.js").Message} Message
 * @typedef {import("./followed.js").Known} Known
 * @typedef {import("./rest.js").Refusal} Refusal
 * @typedef {"" | "open" | "active" | "waiting" | "pending" | "assigned" | "snoozed" | "closed"} StatusFilter
 *
 * @typedef {object} ConversationsState
 * @property {Conversation[]} conversations  those that fit the filters, newest first
 * @property {Conversation | null} currentConversation
 * @property {Message[]} currentMessages     oldest first
 * @property {boolean} isLoading
 * @property {Refusal | null} error          why the last fetch failed
 * @property {number} unreadCount            of all that is known, whatever the filters
 * @property {boolean} isConnected
 * @property {string} searchTerm
 * @property {StatusFilter} statusFilter
 * @property {Record<number, import("./followed.js").Writer[]>} typing  who is writing, by conversation
 * @property {number[]} viewers              who has the current conversation open
 * @property {Record<number, import("./frames.js").Presence>} presence  colleagues, by user
 *
 * @typedef {object} Settings
 * @property {boolean} [autoRead]     what is open on a visible page counts as read; true unless told otherwise
 * @property {number} [refreshMs]     how often REST is asked while the socket is down: 30 s
 * @property {number} [pageSize]
 */

const SEARCH_PAUSE_MS = 250;

export class Conversations {
  /** @type {Known} */ #known = NOTHING;
  #shown = {
    isLoading: false,
    error: /** @type {Refusal | null} */ (null),
    searchTerm: "",
    statusFilter: /** @type {StatusFilter} */ (""),
  };
  /** What the server found for the search term. @type {Set<number>} */ #found = new Set();
  /** @type {Set<() => void>} */ #listeners = new Set();
  /** @type {(() => void)[]} */ #ends = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #pause;
  #holders = 0;
  /** Whether the first connection's frames are followed: what was fetched earlier may lack some. */ #begun = false;
  /** @type {Pages} */ #pages;
  /** @type {Refresh} */ #refresh;
  /** @type {Typists} */ #typists;

  /** @param {NioChatClient} client @param {Settings} [settings] */
  constructor(client, { autoRead = true, refreshMs = 30_000, pageSize = 50 } = {}) {
    this.client = client;
    this.autoRead = autoRead;
    this.refreshMs = refreshMs;
    const known = () => this.#known;
    this.#pages = new Pages(client.rest, pageSize, {
      get known() {
        return known();
      },
      draw: (next) => this.#draw(next),
      settled: (isLoading, failed) => this.#settled(isLoading, failed),
    });
    this.#refresh = new Refresh(
      () => this.#fetch(),
      (error) => this.#show({ error }),
      client.options.random,
    );
    this.#typists = new Typists(
      (frame) => this.#draw(apply(this.#known, frame)),
      (id, isTyping) => client.sendTyping(id, isTyping),
    );
    /** @type {ConversationsState} */
    this.state = this.#view();
  }

  /** Be told of each change. @param {() => void} listener @returns {() => void} its removal */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Follow, as long as anybody holds it. @returns {() => void} let go */
  hold = () => {
    this.#holders += 1;
    if (!this.#ends.length) this.#start();
    let held = true;
    return () => {
      if (held) this.#holders -= 1;
      held = false;
      setTimeout(() => this.#stop(), 0);
    };
  };

  /** Fetch the list, and what is open, anew: now, or once more after what is under way. */
  loadConversations = () => this.#refresh.now();

  /** After an error: fetch again, and don't wait for the socket's next attempt. */
  retry = () => {
    this.client.retryNow();
    return this.loadConversations();
  };

  /** The next page of the list. */
  loadMore = () => this.#filter(this.state.conversations.length);

  /** Earlier messages of what is open. */
  loadOlder = async () => {
    const { currentId, messages } = this.#known;
    if (currentId !== null) await this.#pages.messages(currentId, messages[0]?.id);
  };

  /** Open a conversation, by itself or by its id; null closes it. @param {Conversation | number | null} wanted */
  selectConversation = async (wanted) => {
    const id = typeof wanted === "object" ? (wanted?.id ?? null) : wanted;
    const before = this.#known.currentId;
    if (id === before) return;
    this.sendTyping(false);
    if (before !== null) this.client.leaveConversation(before);
    this.#draw({ ...this.#known, currentId: id, messages: [], viewers: [] });
    if (id === null) return;
    this.client.joinConversation(id).catch(() => {});
    await this.#fetchOpen();
    this.#readIfSeen();
  };

  /** @param {string} searchTerm a name, a phone number, or words of a message */
  setSearchTerm = (searchTerm) => {
    this.#found = new Set();
    this.#show({ searchTerm });
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.#filter(), SEARCH_PAUSE_MS);
  };

  /** @param {StatusFilter} statusFilter empty: all of them */
  setStatusFilter = (statusFilter) => {
    this.#show({ statusFilter });
    this.#filter();
  };

  /**
   * Write into the open conversation. It is shown at once as `pending`, and stored once whatever breaks on the way; what
   * was refused stays there as `failed`.
   * @param {string} content
   * @param {import("./commands.js").Extras} [extras]
   * @returns {Promise<void>} Rejects with a Refusal.
   */
  sendMessage = (content, extras) => {
    const { currentId: id } = this.#known;
    if (id === null) return Promise.reject(new Error("Select a conversation first."));
    this.sendTyping(false);
    const draft = draftOf(id, content, extras);
    this.#draw(withMessages(this.#known, [draft]));
    const { client_message_id } = draft;
    const sending = this.#deliver(id, { content, ...extras, client_message_id }).catch((problem) => {
      if (this.#isOpen(id))
        this.#draw(withMessages(this.#known, [{ ...draft, status: "failed", error: problem.message }]));
      throw problem;
    });
    sending.catch(() => {}); // Whoever doesn't wait for it sees it fail.
    return sending;
  };

  /** Say that we are writing; call it at each key. @param {boolean} [isTyping] */
  sendTyping = (isTyping = true) => this.#typists.say(this.#known.currentId, isTyping);

  /** Everything in it has been read. @param {number | null} [id] the open one where none is named */
  markAsRead = async (id = this.#known.currentId) => {
    const last = id !== null && this.#known.rows[id]?.last_message_id;
    if (id === null || !last) return;
    if (this.client.isConnected()) return this.client.markAsRead(id, last);
    const body = { message_id: last };
    this.#draw(withRows(this.#known, [await this.client.rest.request("POST", `conversations/${id}/read`, { body })]));
  };

  #start() {
    const { client } = this;
    const seen = () => this.#readIfSeen();
    globalThis.document?.addEventListener("visibilitychange", seen);
    this.#ends = [
      client.on("*", (frame) => this.#hear(frame)),
      () => this.#refresh.stop(),
      () => clearTimeout(this.#pause),
      () => globalThis.document?.removeEventListener("visibilitychange", seen),
      () => this.#typists.stop(),
    ];
    this.#begun = client.isConnected();
    this.#refresh.start(this.refreshMs, () => client.isConnected());
  }

  #stop() {
    if (this.#holders > 0 || !this.#ends.length) return; // Somebody else took over at once.
    this.selectConversation(null);
    for (const end of this.#ends.splice(0)) end();
  }

  /** @param {import("./frames.js").Frame} frame */
  #hear(frame) {
    const { type, data } = frame;
    this.#pages.hear(frame);
    const next = apply(this.#known, frame);
    if (next !== this.#known) this.#draw(next);
    if (type === "state") this.#show({});
    if (type === "typing") this.#typists.hear(data);
    if (type === "resync" || (type === "connected" && this.#lacks)) this.loadConversations();
    if (type === "connected") this.#begun = true;
    if (type === "conversation_updated" && this.#isOpen(data.id)) this.#readIfSeen();
  }

  /** Whether frames alone won't complete what we have. */
  get #lacks() {
    return !this.#begun || this.#refresh.problem !== null;
  }

  async #fetch() {
    await Promise.all([this.#pages.afresh(), this.#filter(), this.#fetchOpen()]);
    this.#readIfSeen();
  }

  async #fetchOpen() {
    const { currentId: id, rows } = this.#known;
    if (id !== null) await Promise.all([this.#pages.messages(id), rows[id] ? null : this.#pages.one(id)]);
  }

  /** @param {boolean} isLoading @param {Refusal} [failed] */
  #settled(isLoading, failed) {
    if (failed) this.#refresh.failed(failed);
    else if (!isLoading) this.#refresh.succeeded();
    this.#show({ isLoading });
  }

  /** @param {number} [offset] */
  async #filter(offset) {
    const { searchTerm: search, statusFilter: status } = this.#shown;
    if (!search && !status && !offset) return;
    const rows = await this.#pages.more({ status, search, offset });
    if (!search || search !== this.#shown.searchTerm) return;
    this.#found = new Set([...this.#found, ...rows.map((row) => row.id)]);
    this.#show({});
  }

  /** @param {number} id @param {Record<string, any>} message */
  async #deliver(id, message) {
    const stored = await deliver(this.client, id, message);
    if (stored && this.#isOpen(id)) this.#draw(withMessages(this.#known, [stored]));
  }

  /** What is open before somebody's eyes has been read. */
  #readIfSeen() {
    const { currentId } = this.#known;
    const unread = currentId !== null && (this.#known.rows[currentId]?.unread_count ?? 0) > 0;
    if (unread && this.autoRead && globalThis.document?.visibilityState === "visible")
      this.markAsRead().catch(() => {});
  }

  /** @param {number} id */
  #isOpen(id) {
    return this.#known.currentId === id;
  }

  /** @param {Known} known */
  #draw(known) {
    this.#known = known;
    this.#tell();
  }

  /** @param {Partial<ConversationsState>} change */
  #show(change) {
    this.#shown = { ...this.#shown, ...change };
    this.#tell();
  }

  #tell() {
    this.state = this.#view();
    for (const listener of [...this.#listeners]) listener();
  }

  /** @returns {ConversationsState} */
  #view() {
    const { rows, currentId, messages, typing, viewers, presence } = this.#known;
    const { searchTerm, statusFilter } = this.#shown;
    return {
      ...this.#shown,
      conversations: chosen(this.#known, statusFilter, searchTerm, this.#found),
      currentConversation: currentId === null ? null : (rows[currentId] ?? null),
      currentMessages: messages,
      unreadCount: Object.values(rows).reduce((sum, row) => sum + row.unread_count, 0),
      isConnected: this.client.isConnected(),
      typing,
      viewers,
      presence,
    };
  }
}
