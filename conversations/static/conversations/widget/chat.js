import { Refusal } from "./api.js";
import { newMessageId } from "./outbox.js";
import { Socket } from "./socket.js";
import {
  apply,
  emptyThread,
  fromSnapshot,
  merged,
  newestFromTeam,
  unreadCount,
  withOlder,
  withOutbox,
} from "./thread.js";

const PAGE = 50;
const TYPING_EVERY_MS = 2_000;
const TYPING_ENDS_MS = 4_000;
const AGENT_TYPING_MS = 6_000;
const LOST_AFTER_MS = 2_500;
const PREVIEW_CHARACTERS = 500;
const AGAIN_MS = 2_000;
const REPORT_MS = 100;

/** Refusals that pass by themselves: the message waits and goes again. */
const PASSING = new Set(["RATE_LIMITED", "UNAVAILABLE", "INTERNAL"]);

/** One visitor's conversation: what the views show, and everything that a visitor can do. */
export class Chat {
  /**
   * @param {import("./api.js").Api} api
   * @param {import("./visitor.js").Visitor} visitor
   * @param {import("./outbox.js").Outbox} outbox
   * @param {import("./types.js").Config} config
   * @param {{changed: () => void, tell: (event: string, detail: unknown) => void}} page
   */
  constructor(api, visitor, outbox, config, page) {
    this.api = api;
    this.visitor = visitor;
    this.outbox = outbox;
    this.config = config;
    this.page = page;
    this.thread = this.beginning();
    this.ready = false;
    this.lost = false;
    this.stopped = false;
    this.emailSaved = false;
    this.loadingOlder = false;
    this.timers = { typing: 0, agent: 0, lost: 0, again: 0, report: 0 };
    this.typingSentAt = 0;
    this.reported = { read: 0, received: 0 };
    /** @type {Set<string>} what went out on the present line and has no answer yet */
    this.underWay = new Set();
    this.socket = new Socket(api.server, () => api.token, {
      frame: (frame) => this.received(frame),
      fresh: () => this.refresh(),
      state: (state) => this.connection(state),
      renew: () => visitor.renew(),
    });
  }

  get unread() {
    return unreadCount(this.thread);
  }

  /** Connect; a visitor who never wrote is connected only when they open the chat. */
  async begin() {
    try {
      await this.visitor.known();
      this.socket.open();
    } catch {
      this.connection("waiting");
      clearTimeout(this.timers.again);
      this.timers.again = setTimeout(() => this.begin(), AGAIN_MS);
    }
  }

  /** What is known before the server has told anything: what waits here, and how far the visitor has read. */
  beginning() {
    const { online, agents } = this.config;
    const ownRead = Number(this.visitor.corner.get("read"));
    return withOutbox({ ...emptyThread(), online, agents, ownRead }, this.outbox.waiting);
  }

  /**
   * Another visitor sits here now, or nobody; or a stranger has said who they are, whose unsent words go along.
   *
   * @param {{keepsUnsent: boolean}} how
   */
  async startOver({ keepsUnsent }) {
    this.socket.close();
    if (!keepsUnsent) {
      this.outbox.clear();
    }
    this.visitor.corner.set("read", null);
    this.reported = { read: 0, received: 0 };
    this.emailSaved = false;
    this.ready = false;
    this.show(this.beginning());
  }

  /** @param {import("./types.js").Thread} thread */
  show(thread) {
    const before = this.unread;
    this.thread = thread;
    if (this.unread !== before) {
      this.page.tell("unread", { count: this.unread });
    }
    this.page.changed();
  }

  /** @param {string} state */
  connection(state) {
    clearTimeout(this.timers.lost);
    this.stopped = state === "stopped";
    this.underWay.clear();
    if (state === "connected") {
      this.lost = false;
      this.reported = { read: 0, received: 0 };
      this.flush();
      this.report();
    } else if (state === "waiting") {
      this.timers.lost = setTimeout(() => this.nowLost(), LOST_AFTER_MS);
    }
    this.page.changed();
  }

  nowLost() {
    this.lost = true;
    this.page.changed();
  }

  tryNow() {
    this.socket.attempt = 0;
    this.begin();
  }

  async refresh() {
    const snapshot = await this.api.snapshot();
    this.ready = true;
    for (const message of snapshot.messages) {
      this.outbox.confirm(message.sender_type === "contact" ? message.client_message_id : "");
    }
    this.show(withOutbox(fromSnapshot(this.thread, snapshot), this.outbox.waiting));
    this.report();
  }

  /** @param {import("./types.js").Frame} frame */
  received(frame) {
    if (frame.type === "message_sent") {
      this.stored(frame.data);
    } else if (frame.type === "error") {
      this.refused(frame.data);
    } else {
      this.followed(frame);
    }
  }

  /** @param {import("./types.js").Frame} frame */
  followed(frame) {
    const { type, data } = frame;
    this.show(apply(this.thread, frame));
    if (type === "typing" && data.is_typing) {
      clearTimeout(this.timers.agent);
      this.timers.agent = setTimeout(() => this.show({ ...this.thread, typing: null }), AGENT_TYPING_MS);
    }
    if (type === "chat_message") {
      this.arrived(data.message);
    }
  }

  /** @param {Record<string, any>} message */
  arrived(message) {
    if (message.sender_type === "contact") {
      this.underWay.delete(message.client_message_id);
      this.outbox.confirm(message.client_message_id);
      return;
    }
    this.page.tell("message", { id: message.id, content: message.content, author: message.author?.name ?? "" });
    this.report();
  }

  /**
   * Our own message has its number: it stays where it is drawn, as a stored one.
   *
   * @param {Record<string, any>} data
   */
  stored({ client_message_id, message_id, conversation_id, timestamp }) {
    this.underWay.delete(client_message_id);
    const [drawn] = this.thread.messages.filter(
      (message) => message.id === null && message.client_message_id === client_message_id,
    );
    this.outbox.confirm(client_message_id);
    this.visitor.corner.set("wrote", true);
    if (drawn) {
      const kept = { ...drawn, id: message_id, status: "delivered", created_at: timestamp };
      this.show({ ...this.thread, conversationId: conversation_id, messages: merged(this.thread.messages, [kept]) });
    }
  }

  /** @param {Record<string, any>} data */
  refused({ code, request_id, retry_after }) {
    if (!this.underWay.delete(request_id)) {
      return;
    }
    if (PASSING.has(code)) {
      clearTimeout(this.timers.again);
      this.timers.again = setTimeout(() => this.flush(), retry_after ? retry_after * 1000 : AGAIN_MS);
      return;
    }
    this.outbox.refuse(request_id, code);
    this.show(withOutbox(this.thread, this.outbox.waiting));
  }

  /**
   * @param {string} content
   * @param {import("./types.js").Attachment[]} attachments
   */
  write(content, attachments) {
    this.outbox.put({ client_message_id: newMessageId(), content, attachments, created_at: new Date().toISOString() });
    this.stopTyping();
    this.show(
      withOutbox(
        { ...this.thread, ownRead: Math.max(this.thread.ownRead, newestFromTeam(this.thread)) },
        this.outbox.waiting,
      ),
    );
    this.flush();
  }

  /** @param {string} id */
  retry(id) {
    this.outbox.retry(id);
    this.show(withOutbox(this.thread, this.outbox.waiting));
    this.flush();
  }

  /** Hand everything that waits to the network, in order; what is under way already is not sent twice on one line. */
  flush() {
    for (const { client_message_id, content, attachments } of this.outbox.due) {
      if (this.underWay.has(client_message_id)) {
        continue;
      }
      const files = attachments.map(({ id }) => id);
      if (
        !this.socket.send("message", { content, client_message_id, attachments: files, request_id: client_message_id })
      ) {
        return;
      }
      this.underWay.add(client_message_id);
    }
  }

  /** @param {string} text what stands in the composer */
  typing(text) {
    clearTimeout(this.timers.typing);
    if (!text.trim()) {
      this.stopTyping();
      return;
    }
    this.timers.typing = setTimeout(() => this.stopTyping(), TYPING_ENDS_MS);
    if (Date.now() - this.typingSentAt > TYPING_EVERY_MS) {
      const preview = this.config.preview ? { preview: text.slice(0, PREVIEW_CHARACTERS) } : {};
      this.typingSentAt = this.socket.send("typing", { is_typing: true, ...preview }) ? Date.now() : 0;
    }
  }

  stopTyping() {
    clearTimeout(this.timers.typing);
    if (this.typingSentAt) {
      this.typingSentAt = 0;
      this.socket.send("typing", { is_typing: false });
    }
  }

  /** Everything that is there has been seen. */
  seen() {
    const newest = newestFromTeam(this.thread);
    if (newest > this.thread.ownRead) {
      this.show({ ...this.thread, ownRead: newest });
      this.visitor.corner.set("read", newest);
    }
    this.report();
  }

  /** Another tab of the same visitor has read, or has written for the first time. */
  elsewhere() {
    if (!this.thread.conversationId && this.visitor.corner.get("wrote")) {
      this.socket.close();
      this.begin();
    }
    this.show({ ...this.thread, ownRead: Math.max(this.thread.ownRead, Number(this.visitor.corner.get("read"))) });
  }

  /** Tell the team soon what reached the visitor and what was read: one word for all that comes at once. */
  report() {
    clearTimeout(this.timers.report);
    this.timers.report = setTimeout(() => this.reportNow(), REPORT_MS);
  }

  /** Each once on a line; what was read has arrived. */
  reportNow() {
    const { ownRead } = this.thread;
    const newest = newestFromTeam(this.thread);
    if (ownRead > this.reported.read && this.socket.send("read", { message_id: ownRead })) {
      this.reported = { read: ownRead, received: Math.max(ownRead, this.reported.received) };
    }
    if (newest > this.reported.received && this.socket.send("received", { message_id: newest })) {
      this.reported.received = newest;
    }
  }

  /**
   * @param {number} messageId
   * @param {string} reaction empty takes it back
   */
  react(messageId, reaction) {
    if (this.socket.send("react", { message_id: messageId, reaction })) {
      this.show(
        apply(this.thread, { type: "message_reaction", data: { message_id: messageId, reaction, by: "customer" } }),
      );
    }
  }

  async older() {
    const first = this.thread.messages.find(({ id }) => id !== null)?.id;
    if (this.thread.complete || this.loadingOlder || !first) {
      return;
    }
    this.loadingOlder = true;
    try {
      const page = await this.api.older(first, PAGE);
      this.show(withOlder(this.thread, page, page.length < PAGE));
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
    } finally {
      this.loadingOlder = false;
    }
  }

  /**
   * @param {number} rating
   * @param {string} feedback
   */
  async rate(rating, feedback) {
    const { survey } = this.thread;
    if (survey) {
      await this.api.rate(survey.token, rating, feedback);
      this.page.tell("rating", { rating });
      this.show({ ...this.thread, survey: { ...survey, rating, feedback } });
    }
  }

  /** @param {string} email */
  async leaveEmail(email) {
    await this.visitor.known();
    await this.visitor.ask({ email });
    // The open line knows the visitor by the token that it was opened with.
    this.socket.send("auth", { token: this.api.token });
    this.emailSaved = true;
    this.page.changed();
  }
}
