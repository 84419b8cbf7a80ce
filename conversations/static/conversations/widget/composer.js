import { element, setText } from "./dom.js";
import { remember } from "./files.js";
import { icon } from "./icons.js";

const LONGEST = 16_000;
const MOST_FILES = 10;

/**
 * A file on its way; `attachment` is null until the server has it.
 *
 * @typedef {{node: HTMLElement, attachment: import("./types.js").Attachment | null}} Chip
 */

/** Where the visitor writes: a field that grows, files with their progress, a button. */
export class Composer {
  /**
   * @param {import("./chat.js").Chat} chat
   * @param {import("./words.js").Language} language
   * @param {import("./storage.js").Corner} corner of this tab: keeps the draft
   */
  constructor(chat, language, corner) {
    this.chat = chat;
    this.language = language;
    this.corner = corner;
    /** @type {Chip[]} */
    this.files = [];
    this.chips = element("ul", { class: "chips", hidden: true });
    this.problem = element("p", { class: "problem", role: "alert", hidden: true });
    this.field = this.makeField();
    this.sendButton = element(
      "button",
      { class: "send", type: "submit", "aria-label": language.say("send"), title: language.say("send") },
      icon("send"),
    );
    this.node = this.makeForm();
    this.field.value = corner.get("draft") ?? "";
    this.grow();
  }

  makeField() {
    const label = this.language.say("write");
    return element("textarea", {
      rows: 1,
      maxlength: LONGEST,
      placeholder: label,
      "aria-label": label,
      enterkeyhint: "send",
      oninput: () => this.edited(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event),
      onpaste: (/** @type {ClipboardEvent} */ event) => this.take(event.clipboardData?.files),
    });
  }

  makeForm() {
    const label = this.language.say("attach");
    const chooser = element("input", {
      type: "file",
      multiple: true,
      hidden: true,
      tabindex: -1,
      "aria-hidden": "true",
    });
    chooser.addEventListener("change", () => {
      this.take(chooser.files);
      chooser.value = "";
    });
    const clip = element(
      "button",
      { type: "button", class: "quiet", "aria-label": label, title: label, onclick: () => chooser.click() },
      icon("clip"),
    );
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.submit();
    };
    return element(
      "form",
      { class: "composer", onsubmit },
      this.problem,
      this.chips,
      element("div", { class: "box" }, clip, this.field, this.sendButton),
      chooser,
    );
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    }
  }

  edited() {
    this.grow();
    this.corner.set("draft", this.field.value || null);
    this.chat.typing(this.field.value);
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
    const uploading = this.files.some(({ attachment }) => !attachment);
    this.sendButton.disabled = uploading || !(this.field.value.trim() || this.files.length);
  }

  submit() {
    if (this.sendButton.disabled) {
      return;
    }
    const attachments = this.files.flatMap(({ attachment }) => attachment ?? []);
    this.chat.write(this.field.value.trim(), attachments);
    this.field.value = "";
    this.files = [];
    this.chips.replaceChildren();
    this.chips.hidden = true;
    this.say("");
    this.corner.set("draft", null);
    this.grow();
    this.field.focus();
  }

  /** @param {FileList | null | undefined} files */
  take(files) {
    for (const file of [...(files ?? [])].slice(0, MOST_FILES - this.files.length)) {
      this.upload(file);
    }
  }

  /** @param {File} file */
  async upload(file) {
    const limit = this.chat.config.max_attachment_bytes;
    if (file.size > limit) {
      this.say(this.language.say("too_large", { name: file.name, size: this.language.size(limit) }));
      return;
    }
    const chip = this.chip(file);
    this.files.push(chip.entry);
    this.chips.append(chip.entry.node);
    this.chips.hidden = false;
    this.grow();
    try {
      await this.chat.visitor.known();
      chip.entry.attachment = await this.chat.api.upload(file, chip.progress);
      remember(chip.entry.attachment.id, file);
      chip.entry.node.classList.add("done");
    } catch {
      this.say(this.language.say("upload_failed", { name: file.name }));
      this.drop(chip.entry);
    }
    this.grow();
  }

  /** @param {File} file */
  chip(file) {
    const bar = element("progress", {
      max: 100,
      value: 0,
      "aria-label": this.language.say("uploading", { name: file.name, percent: 0 }),
    });
    const label = this.language.say("remove", { name: file.name });
    const button = element(
      "button",
      { type: "button", class: "quiet small", "aria-label": label, onclick: () => this.drop(entry) },
      icon("close"),
    );
    const node = element("li", {}, icon("file"), element("span", { class: "name" }, file.name), button, bar);
    /** @type {Chip} */
    const entry = { node, attachment: null };
    const progress = (/** @type {number} */ percent) => {
      bar.value = percent;
      bar.setAttribute("aria-label", this.language.say("uploading", { name: file.name, percent }));
    };
    return { entry, progress };
  }

  /** @param {Chip} entry */
  drop(entry) {
    this.files = this.files.filter((other) => other !== entry);
    entry.node.remove();
    this.chips.hidden = this.files.length === 0;
    this.grow();
  }

  /** @param {string} words */
  say(words) {
    this.problem.hidden = !words;
    setText(this.problem, words);
  }
}
