import { Composer } from "./composer.js";
import { element, setText } from "./dom.js";
import { Header } from "./header.js";
import { Log } from "./log.js";

const FOCUSABLE = "button:not([disabled]), a[href], textarea, input:not([hidden]), [tabindex='0']";

/** The open chat: header, log, composer. */
export class Panel {
  /**
   * @param {import("./chat.js").Chat} chat
   * @param {import("./words.js").Language} language
   * @param {import("./storage.js").Corner} corner
   * @param {() => void} onClose
   */
  constructor(chat, language, corner, onClose) {
    this.chat = chat;
    this.language = language;
    this.onClose = onClose;
    this.header = new Header(chat.config, language, onClose);
    this.log = new Log(chat, language, () => this.look());
    this.composer = new Composer(chat, language, corner);
    this.lostWords = element("span");
    const tryNow = element(
      "button",
      { type: "button", class: "link", onclick: () => chat.tryNow() },
      language.say("try_now"),
    );
    this.lost = element("div", { class: "lost", role: "status", hidden: true }, this.lostWords, tryNow);
    this.node = element(
      "section",
      {
        id: "panel",
        class: "panel",
        role: "dialog",
        "aria-labelledby": "title",
        inert: true,
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event),
      },
      this.header.node,
      this.lost,
      this.log.node,
      this.composer.node,
    );
    this.takeDrops();
  }

  get open() {
    return !this.node.inert;
  }

  /** @param {boolean} open */
  setOpen(open) {
    this.node.inert = !open;
    this.node.classList.toggle("open", open);
    if (open) {
      this.draw();
      this.log.toEnd();
      this.composer.grow();
      this.composer.field.focus({ preventScroll: true });
    }
  }

  draw() {
    const { thread, lost, stopped } = this.chat;
    this.header.draw(thread);
    this.lost.hidden = !(lost || stopped);
    setText(this.lostWords, this.language.say(stopped ? "unavailable" : "lost"));
    this.log.draw(thread);
    this.look();
  }

  /** What can be seen has been seen. */
  look() {
    if (this.open && this.log.atEnd && document.visibilityState === "visible") {
      this.chat.seen();
    }
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Escape") {
      this.onClose();
    } else if (event.key === "Tab") {
      this.keepFocus(event);
    }
  }

  /** Tab goes round inside the panel. @param {KeyboardEvent} event */
  keepFocus(event) {
    const stops = [...this.node.querySelectorAll(FOCUSABLE)].filter(
      (node) => /** @type {HTMLElement} */ (node).offsetParent,
    );
    const edge = event.shiftKey ? stops.at(0) : stops.at(-1);
    const here = /** @type {ShadowRoot} */ (this.node.getRootNode()).activeElement;
    if (here === edge) {
      event.preventDefault();
      /** @type {HTMLElement} */ (event.shiftKey ? stops.at(-1) : stops.at(0))?.focus();
    }
  }

  takeDrops() {
    this.node.addEventListener("dragover", (/** @type {DragEvent} */ event) => event.preventDefault());
    this.node.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      this.composer.take(event.dataTransfer?.files);
    });
  }
}
