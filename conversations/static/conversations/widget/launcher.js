import { dress, element, setText } from "./dom.js";
import { icon } from "./icons.js";

const MOST_SHOWN = 9;

/** The round button in the corner, with the number of messages that were not read. */
export class Launcher {
  /**
   * @param {import("./words.js").Language} language
   * @param {() => void} onPress
   */
  constructor(language, onPress) {
    this.language = language;
    this.badge = element("span", { class: "badge", "aria-hidden": "true", hidden: true });
    this.node = element(
      "button",
      { class: "launcher", type: "button", "aria-haspopup": "dialog", "aria-controls": "panel", onclick: onPress },
      icon("chat"),
      icon("down"),
      this.badge,
    );
    this.draw(false, 0);
  }

  /**
   * @param {boolean} open
   * @param {number} unread
   */
  draw(open, unread) {
    const news = unread && !open ? `, ${this.language.count("unread", unread)}` : "";
    dress(this.node, {
      "aria-expanded": String(open),
      "aria-label": this.language.say(open ? "close" : "open") + news,
    });
    this.badge.hidden = open || unread === 0;
    setText(this.badge, unread > MOST_SHOWN ? `${MOST_SHOWN}+` : String(unread));
  }
}
