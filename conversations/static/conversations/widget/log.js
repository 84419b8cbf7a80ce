import { Bubbles } from "./bubble.js";
import { dress, element, setText, showRows } from "./dom.js";
import { avatar } from "./icons.js";
import { awayNotice } from "./notice.js";
import { SurveyCard } from "./survey.js";
import { sameGroup, unreadCount } from "./thread.js";

const NEAR_END_PX = 48;
const NEAR_START_PX = 80;

/** The conversation as it scrolls: days, bubbles, who is typing, and the cards at its end. */
export class Log {
  /**
   * @param {import("./chat.js").Chat} chat
   * @param {import("./words.js").Language} language
   * @param {() => void} onEnd the end has come into view
   */
  constructor(chat, language, onEnd) {
    this.onEnd = onEnd;
    this.chat = chat;
    this.language = language;
    this.bubbles = new Bubbles(chat, language);
    /** @type {Map<string, {node: HTMLElement, same: unknown[]}>} */
    this.drawn = new Map();
    this.list = element("div", {
      class: "list",
      role: "log",
      "aria-live": "polite",
      "aria-label": language.say("messages"),
    });
    this.scroller = element("div", { class: "scroller", tabindex: 0, onscroll: () => this.scrolled() }, this.list);
    this.pill = element("button", {
      type: "button",
      class: "pill",
      hidden: true,
      title: language.say("to_end"),
      onclick: () => this.toEnd(),
    });
    this.node = element("div", { class: "log" }, this.scroller, this.pill);
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  scrolled() {
    if (this.scroller.scrollTop < NEAR_START_PX) {
      this.chat.older();
    }
    if (this.atEnd) {
      this.onEnd();
    }
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** @param {import("./types.js").Thread} thread */
  draw(thread) {
    const { atEnd } = this;
    const { scrollHeight: heightBefore, scrollTop } = this.scroller;
    const firstBefore = this.first;
    const ownBefore = this.own;
    this.first = thread.messages[0]?.id ?? null;
    this.own = thread.messages.filter(({ id }) => id === null).length;
    const grewAtTop = firstBefore && this.first && this.first < firstBefore;
    // Old messages are no news: a screen reader is not to read a page of them aloud.
    dress(this.list, { "aria-busy": String(Boolean(grewAtTop) || !this.chat.ready) });
    showRows(this.list, this.rows(thread), this.drawn);
    if (atEnd || this.own > (ownBefore ?? 0)) {
      this.toEnd();
    } else if (grewAtTop) {
      this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - heightBefore;
    }
    this.drawPill(unreadCount(thread));
  }

  /** @param {number} unread */
  drawPill(unread) {
    this.pill.hidden = this.atEnd || unread === 0;
    setText(this.pill, unread ? this.language.count("newer", unread) : "");
  }

  /**
   * @param {import("./types.js").Thread} thread
   * @returns {{key: string, same: unknown[], draw: () => HTMLElement}[]}
   */
  rows(thread) {
    return [...this.opening(thread), ...this.messages(thread), ...this.ending(thread)];
  }

  /** @param {import("./types.js").Thread} thread */
  opening({ complete, messages }) {
    if (!complete) {
      return [{ key: "older", same: [], draw: () => element("p", { class: "activity" }, this.language.say("older")) }];
    }
    const greeting = this.chat.config.greeting || this.language.say("greeting");
    return messages.length ? [] : [{ key: "greeting", same: [greeting], draw: () => this.greeting(greeting) }];
  }

  /** @param {string} content */
  greeting(content) {
    return this.bubbles.draw(
      {
        id: null,
        sender_type: "bot",
        author: { id: null, name: this.chat.config.title, avatar_url: "" },
        content,
        status: "sent",
        client_message_id: "",
        attachments: [],
        reactions: { customer: "", agent: "" },
        created_at: "",
        deleted: false,
        quoted: null,
      },
      { first: true, last: true, read: false },
    );
  }

  /** @param {import("./types.js").Thread} thread */
  messages({ messages, teamRead }) {
    return messages.flatMap((message, index) => {
      const day = this.language.day(message.created_at);
      const earlier = messages[index - 1];
      const newDay = !earlier || this.language.day(earlier.created_at) !== day;
      const first = newDay || !sameGroup(earlier, message);
      const last = !sameGroup(message, messages[index + 1]);
      const read = message.id !== null && message.id <= teamRead;
      const row = {
        key:
          message.sender_type === "contact" && message.client_message_id ? message.client_message_id : `m${message.id}`,
        same: [message, first, last, read],
        draw: () => this.bubbles.draw(message, { first, last, read }),
      };
      const separator = {
        key: `d${day}`,
        same: [],
        draw: () => element("p", { class: "day" }, element("span", {}, day)),
      };
      return newDay ? [separator, row] : [row];
    });
  }

  /** @param {import("./types.js").Thread} thread */
  ending(thread) {
    const rows = [];
    if (thread.status === "closed") {
      rows.push({
        key: "ended",
        same: [],
        draw: () => element("p", { class: "activity" }, this.language.say("ended")),
      });
    }
    const { survey, typing } = thread;
    if (survey) {
      rows.push({
        key: `survey ${survey.token}`,
        same: [],
        draw: () => new SurveyCard(this.chat, this.language, survey).node,
      });
    }
    if (typing) {
      rows.push({ key: "typing", same: [typing.name], draw: () => this.typing(typing) });
    }
    return [...rows, ...this.away(thread)];
  }

  /** @param {import("./types.js").Person} agent */
  typing(agent) {
    const dots = element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    const words = element("span", { class: "spoken" }, this.language.say("is_typing", { who: agent.name }));
    const line = element(
      "div",
      { class: "line" },
      avatar(agent, agent.name),
      element("div", { class: "bubble" }, words, dots),
    );
    return element("div", { class: "message theirs typing last" }, line);
  }

  /** @param {import("./types.js").Thread} thread */
  away({ online, status }) {
    const here = online && this.chat.config.hours.open;
    const { email } = this.chat.visitor;
    if (this.chat.emailSaved) {
      const words = this.language.say("email_saved", { email });
      return [{ key: "saved", same: [words], draw: () => element("p", { class: "activity" }, words) }];
    }
    if (here || email || status === "closed") {
      return [];
    }
    return [{ key: "away", same: [], draw: () => awayNotice(this.chat, this.language) }];
  }
}
