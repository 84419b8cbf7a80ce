import { Api, Refusal } from "./api.js";
import { Chat } from "./chat.js";
import { element } from "./dom.js";
import { Launcher } from "./launcher.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { keepClear, paint, stayVisible } from "./place.js";
import { Corner } from "./storage.js";
import { Visitor } from "./visitor.js";
import sheet from "./widget.css" with { type: "css" };
import { Language } from "./words.js";

/**
 * The widget of one inbox in one page.
 *
 * `window.NioChat` is what the page may call: `open()`, `close()`, `identify({identifier, identifier_hash, name, email})`,
 * `forget()`, and `on(event, listener)` for `open`, `close`, `message`, `unread` and `rating`, which gives back a function
 * that ends it. The document hears `niochat:ready` when it can be called.
 */
class Widget {
  /** @param {HTMLScriptElement} script */
  constructor(script) {
    const key = script.dataset.inbox ?? "";
    this.options = script.dataset;
    this.api = new Api(new URL(script.src).origin, key);
    this.tab = new Corner(() => sessionStorage, `niochat:${key}:`);
    this.visitor = new Visitor(this.api, new Corner(() => localStorage, `niochat:${key}:`));
    /** @type {Map<string, Set<(detail: any) => void>>} */
    this.listeners = new Map();
    this.drawing = false;
  }

  async start() {
    const config = await this.api.config();
    const { language, accent } = this.options;
    const wishes = [language, document.documentElement.lang, config.language, ...navigator.languages];
    this.language = new Language(wishes, config.languages);
    this.chat = new Chat(this.api, this.visitor, new Outbox(this.tab), config, {
      changed: () => this.changed(),
      tell: (event, detail) => this.tell(event, detail),
    });
    this.launcher = new Launcher(this.language, () => this.toggle());
    this.panel = new Panel(this.chat, this.language, this.tab, () => this.close());
    this.mount(accent || config.accent);
    this.follow();
    if (this.visitor.recall()) {
      this.chat.begin();
    }
  }

  /** @param {string} accent */
  mount(accent) {
    const { bottom, side, avoid, theme } = this.options;
    this.host = element("niochat-widget", {
      lang: this.language?.tag,
      "data-side": side === "left" && side,
      "data-theme": theme,
    });
    const root = this.host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.panel?.node, this.launcher?.node);
    // Keys that are pressed in the chat are no shortcuts of the page's.
    for (const event of ["keydown", "keyup", "keypress"]) {
      root.addEventListener(event, (/** @type {Event} */ pressed) => pressed.stopPropagation());
    }
    paint(this.host, accent);
    document.body.append(this.host);
    keepClear(this.host, Number(bottom ?? 0), avoid);
    stayVisible(this.host);
  }

  follow() {
    addEventListener("online", () => this.chat?.tryNow());
    addEventListener("storage", ({ key }) => key?.startsWith(this.visitor.corner.prefix) && this.chat?.elsewhere());
    document.addEventListener("visibilitychange", () => this.changed());
  }

  /** Draw once for all the changes of one moment. */
  changed() {
    if (!this.drawing) {
      this.drawing = true;
      queueMicrotask(() => this.draw());
    }
  }

  draw() {
    this.drawing = false;
    this.panel?.draw();
    this.launcher?.draw(Boolean(this.panel?.open), Number(this.chat?.unread));
  }

  open() {
    if (this.panel && !this.panel.open) {
      this.host.classList.add("open");
      this.panel.setOpen(true);
      this.chat?.begin();
      this.changed();
      this.tell("open", {});
    }
  }

  close() {
    if (this.panel?.open) {
      this.host.classList.remove("open");
      this.panel.setOpen(false);
      this.launcher?.node.focus({ preventScroll: true });
      this.changed();
      this.tell("close", {});
    }
  }

  toggle() {
    if (this.panel?.open) {
      this.close();
    } else {
      this.open();
    }
  }

  /** @param {Record<string, string>} who */
  async identify(who) {
    const wasStranger = !this.visitor.kept?.identifier;
    if (await this.visitor.identify(who)) {
      await this.chat?.startOver({ keepsUnsent: wasStranger });
    }
    await this.chat?.begin();
  }

  /** Whoever comes next at this browser is a stranger. */
  async forget() {
    this.visitor.forget();
    await this.chat?.startOver({ keepsUnsent: false });
    if (this.panel?.open) {
      await this.chat?.begin();
    }
  }

  /**
   * @param {string} event
   * @param {(detail: any) => void} listener
   */
  on(event, listener) {
    const all = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, all.add(listener));
    return () => all.delete(listener);
  }

  /**
   * A listener of the page's that throws is the page's affair.
   *
   * @param {string} event
   * @param {unknown} detail
   */
  tell(event, detail) {
    for (const listener of this.listeners.get(event) ?? []) {
      setTimeout(() => listener(detail));
    }
  }
}

/** @param {HTMLScriptElement} script */
async function embed(script) {
  const widget = new Widget(script);
  try {
    await widget.start();
  } catch (error) {
    const why = error instanceof Refusal ? `${error.code} ${error.message}` : error;
    console.warn(`NioChat can't be shown on this page: ${why}`);
    return;
  }
  const { open, close, identify, forget, on } = Widget.prototype;
  const doors = Object.entries({ open, close, identify, forget, on }).map(([name, door]) => [name, door.bind(widget)]);
  Object.assign(window, { NioChat: Object.fromEntries(doors) });
  document.dispatchEvent(new CustomEvent("niochat:ready"));
}

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
if (script?.dataset.inbox && !document.querySelector("niochat-widget")) {
  const begin = () => embed(script);
  if (document.body) {
    begin();
  } else {
    document.addEventListener("DOMContentLoaded", begin);
  }
}
