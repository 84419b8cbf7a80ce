import { element, linked } from "./dom.js";
import { fileButton, picture } from "./files.js";
import { avatar, icon } from "./icons.js";

const REACTIONS = ["👍", "❤️", "😄", "😮", "😢", "🙏"];
const SHOWN_INLINE = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/**
 * @typedef {object} Around what a bubble must know of its neighbours and of the thread
 * @property {boolean} first of its group: it carries the name
 * @property {boolean} last of its group: it carries the time and the picture
 * @property {boolean} read by the team
 */

/** Draws messages, for one chat. */
export class Bubbles {
  /**
   * @param {import("./chat.js").Chat} chat
   * @param {import("./words.js").Language} language
   */
  constructor(chat, language) {
    this.chat = chat;
    this.language = language;
  }

  /**
   * @param {import("./types.js").Message} message
   * @param {Around} around
   * @returns {HTMLElement}
   */
  draw(message, around) {
    const own = message.sender_type === "contact";
    const name = own ? this.language.say("you") : message.author?.name || this.language.say("team");
    const side = `message ${own ? "own" : "theirs"}${around.first ? " first" : ""}${around.last ? " last" : ""}`;
    return element(
      "article",
      { class: side, "data-id": message.id },
      !own && around.first && element("span", { class: "who", "aria-hidden": "true" }, name),
      element(
        "div",
        { class: "line" },
        !own && (around.last ? avatar(message.author, name) : element("span", { class: "avatar none" })),
        this.bubble(message, around, name),
        !own && message.id !== null && !message.deleted && this.reactButton(message),
      ),
      this.reactions(message),
      this.foot(message, around.last),
    );
  }

  /**
   * @param {import("./types.js").Message} message
   * @param {Around} around
   * @param {string} name
   */
  bubble(message, around, name) {
    const spoken = element("span", { class: "spoken" }, `${this.language.say("said", { who: name })}: `);
    if (message.deleted) {
      return element("div", { class: "bubble gone" }, spoken, this.language.say("deleted"));
    }
    const pictures = message.attachments.filter(({ content_type }) => SHOWN_INLINE.has(content_type));
    const files = message.attachments.filter(({ content_type }) => !SHOWN_INLINE.has(content_type));
    return element(
      "div",
      { class: `bubble${pictures.length && !message.content ? " bare" : ""}` },
      spoken,
      message.quoted && this.quote(message.quoted),
      ...pictures.map((attachment) => picture(this.chat.api, attachment, this.language)),
      message.content && element("p", { dir: "auto" }, ...linked(message.content)),
      ...files.map((attachment) => fileButton(this.chat.api, attachment, this.language)),
      message.sender_type === "contact" && this.ticks(message, around.read),
    );
  }

  /** @param {{content: string, author: string, own: boolean}} quoted */
  quote({ content, author, own }) {
    const name = own ? this.language.say("you") : author;
    return element("blockquote", { dir: "auto" }, element("b", {}, name), content);
  }

  /**
   * @param {import("./types.js").Message} message
   * @param {boolean} read
   */
  ticks({ id, status }, read) {
    if (status === "failed") {
      return icon("alert");
    }
    if (id === null) {
      return icon("clock", this.language.say("queued"));
    }
    return read ? icon("checks", this.language.say("read")) : icon("check", this.language.say("stored"));
  }

  /** @param {import("./types.js").Message} message */
  reactions({ id, reactions, deleted }) {
    const { customer, agent } = reactions;
    if (deleted || !(customer || agent)) {
      return null;
    }
    const own =
      customer &&
      element(
        "button",
        { type: "button", class: "reaction mine", onclick: () => this.chat.react(Number(id), "") },
        customer,
      );
    return element("div", { class: "reactions" }, agent && element("span", { class: "reaction" }, agent), own);
  }

  /** @param {import("./types.js").Message} message */
  reactButton(message) {
    const choices = element("div", { class: "choices", role: "group", hidden: true });
    const button = element(
      "button",
      {
        type: "button",
        class: "quiet small react",
        "aria-label": this.language.say("react"),
        "aria-expanded": "false",
      },
      icon("smile"),
    );
    const toggle = (/** @type {boolean} */ shown) => {
      choices.hidden = !shown;
      button.setAttribute("aria-expanded", String(shown));
    };
    const pick = (/** @type {string} */ reaction) => {
      toggle(false);
      this.chat.react(Number(message.id), message.reactions.customer === reaction ? "" : reaction);
    };
    choices.append(
      ...REACTIONS.map((reaction) => {
        const label = this.language.say("react_with", { reaction });
        return element("button", { type: "button", "aria-label": label, onclick: () => pick(reaction) }, reaction);
      }),
    );
    button.addEventListener("click", () => toggle(choices.hidden));
    const onkeydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && !choices.hidden) {
        event.stopPropagation();
        toggle(false);
        button.focus();
      }
    };
    const onfocusout = (/** @type {FocusEvent} */ event) => {
      if (!(/** @type {HTMLElement} */ (event.currentTarget).contains(/** @type {Node} */ (event.relatedTarget)))) {
        toggle(false);
      }
    };
    return element("div", { class: "reacting", onkeydown, onfocusout }, button, choices);
  }

  /**
   * @param {import("./types.js").Message} message
   * @param {boolean} last
   */
  foot(message, last) {
    if (message.status === "failed" && message.id === null) {
      const again = () => this.chat.retry(message.client_message_id);
      return element(
        "p",
        { class: "foot failed", title: this.language.why(message.refused) },
        this.language.say("failed"),
        element("button", { type: "button", class: "link", onclick: again }, this.language.say("retry")),
      );
    }
    return (
      last &&
      message.created_at &&
      element("time", { class: "foot", datetime: message.created_at }, this.language.time(message.created_at))
    );
  }
}
