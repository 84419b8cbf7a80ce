import { element, setText } from "./dom.js";
import { avatar, icon } from "./icons.js";

const FACES_SHOWN = 3;

/** Who answers, and when. */
export class Header {
  /**
   * @param {import("./types.js").Config} config
   * @param {import("./words.js").Language} language
   * @param {() => void} onClose
   */
  constructor(config, language, onClose) {
    this.config = config;
    this.language = language;
    this.faces = element("div", { class: "faces" });
    this.status = element("p", { class: "status", role: "status" });
    this.dot = element("span", { class: "dot", "aria-hidden": "true" });
    this.text = element("span");
    this.status.append(this.dot, this.text);
    this.node = element(
      "header",
      // In a dialog there is no banner; without this it would be the page's second.
      { role: "none" },
      this.faces,
      element("div", { class: "title" }, element("h2", { id: "title" }, config.title), this.status),
      element(
        "button",
        { class: "quiet", type: "button", "aria-label": language.say("close"), onclick: onClose },
        icon("close"),
      ),
    );
    this.drawn = "";
  }

  /** @param {import("./types.js").Thread} thread */
  draw({ online, agents }) {
    const here = online && this.config.hours.open;
    setText(this.text, this.words(here, agents));
    this.dot.classList.toggle("on", here);
    const shown = agents.slice(0, FACES_SHOWN);
    const names = shown.map(({ name }) => name).join("\n");
    if (names !== this.drawn || !this.faces.firstChild) {
      this.drawn = names;
      this.faces.replaceChildren(...(shown.length ? shown : [null]).map((person) => avatar(person, this.config.title)));
    }
  }

  /**
   * @param {boolean} here
   * @param {import("./types.js").Person[]} agents
   */
  words(here, agents) {
    const { open, opens_at } = this.config.hours;
    if (!open) {
      return opens_at
        ? this.language.say("closed", { when: this.language.soon(opens_at) })
        : this.language.say("closed_open_end");
    }
    if (!here) {
      return this.language.say("away");
    }
    const names = agents.slice(0, FACES_SHOWN).map(({ name }) => name.split(" ")[0]);
    return names.length
      ? this.language.say("online_who", { names: this.language.list(names) })
      : this.language.say("online");
  }
}
