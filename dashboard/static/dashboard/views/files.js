/** Files: those of a message, those on their way into one, and dropping them on the thread. */

import { upload } from "../api.js";
import { touch } from "../app.js";
import { draftOf, keepDraft } from "../drafts.js";
import { newId } from "../ids.js";
import { ref } from "../vendor/lit-html/directives/ref.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill, size } from "../words.js";
import { icon } from "./parts.js";

/** @typedef {import("../types.d.ts").Attachment} Attachment */

const WIDEST_PX = 320;
const TALLEST_PX = 260;
const UNKNOWN = { width: 240, height: 180 };
/** Bytes of one file, as the page was told; nothing larger is sent for nothing. */
const most = Number(document.getElementById("app")?.dataset.fileMost);

/** @param {Attachment[]} list */
export function attachments(list) {
  return list.length ? html`<div class="files">${list.map(one)}</div>` : nothing;
}

/** @param {Attachment} file */
function one(file) {
  const [kind] = file.content_type.split("/");
  if (kind === "image" && file.content_type !== "image/svg+xml") return picture(file);
  if (kind === "video")
    return html`<video class="file-video" controls preload="metadata" width="320" height="180" src=${file.url} aria-label=${file.name}></video>`;
  if (kind === "audio")
    return html`<audio class="file-audio" controls preload="metadata" src=${file.url} aria-label=${file.name}></audio>`;
  return html`<a class="file" href=${file.url} target="_blank" rel="noopener" download=${file.name}>
    ${icon("file-text")}<span><b>${file.name}</b><small>${size(file.size)}</small></span>${icon("download")}
  </a>`;
}

/** Drawn at its final size before it is there. @param {Attachment} file */
function picture(file) {
  const { width, height } = file.width && file.height ? { width: file.width, height: file.height } : UNKNOWN;
  const scale = Math.min(1, WIDEST_PX / width, TALLEST_PX / height);
  return html`<a class="file-picture" href=${file.url} target="_blank" rel="noopener" aria-label=${fill(gettext("Open %(name)s"), { name: file.name })}>
    <img src=${file.url} alt=${file.name} width=${Math.round(width * scale)} height=${Math.round(height * scale)} loading="lazy" decoding="async" />
  </a>`;
}

/** @param {number} id @param {Iterable<File>} files */
export function attach(id, files) {
  for (const file of files) begin(id, file);
}

/** @param {number} id @param {File} file */
function begin(id, file) {
  /** @type {import("../app.js").Upload} */
  const item = { key: newId(), file, part: 0, attachment: null, error: "", cancel: () => {} };
  keepDraft(id, { uploads: [...draftOf(id).uploads, item] });
  start(id, item);
}

/** @param {number} id @param {import("../app.js").Upload} item */
function start(id, item) {
  const set = (/** @type {Partial<import("../app.js").Upload>} */ change) => {
    Object.assign(item, change);
    touch();
  };
  if (item.file.size > most)
    return set({ error: fill(gettext("At most %(size)s in one file"), { size: size(most) }), final: true });
  set({ error: "", part: 0 });
  const { done, cancel } = upload(`conversations/${id}/attachments`, item.file, (part) => set({ part }));
  item.cancel = cancel;
  done.then(
    (attachment) => {
      set({ attachment, part: 1 });
      keepDraft(id, {});
    },
    (refusal) => set({ error: refusal.message || gettext("The upload broke off."), final: !refusal.passing }),
  );
}

/** @param {number} id */
export function uploads(id) {
  const { uploads: items } = draftOf(id);
  if (!items.length) return nothing;
  return html`<ul class="uploads">
    ${items.map(
      (item) => html`<li class="upload" ?data-bad=${Boolean(item.error)}>
        ${icon(item.error ? "circle-alert" : item.file.type.startsWith("image/") ? "image" : "file-text")}
        <span><b>${item.file.name}</b><small>${item.error || size(item.file.size)}</small></span>
        ${item.error && !item.final ? html`<button type="button" class="link" @click=${() => start(id, item)}>${gettext("Try again")}</button>` : nothing}
        <button type="button" class="icon-button" aria-label=${fill(gettext("Remove %(name)s"), { name: item.file.name })} @click=${() => remove(id, item)}>${icon("x")}</button>
        ${item.attachment || item.error ? nothing : html`<progress max="1" .value=${item.part}></progress>`}
      </li>`,
    )}
  </ul>`;
}

/** @param {number} id @param {import("../app.js").Upload} item */
function remove(id, item) {
  item.cancel();
  keepDraft(id, { uploads: draftOf(id).uploads.filter((other) => other !== item) });
  touch();
}

/** @type {WeakSet<Element>} */
const listening = new WeakSet();
let target = 0;

/** The thread takes files that are dropped on it. @param {number} id */
export function dropZone(id) {
  target = id;
  return ref(listen);
}

/** @param {Element | undefined} element */
function listen(element) {
  if (!(element instanceof HTMLElement) || listening.has(element)) return;
  listening.add(element);
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  element.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    element.dataset.drop = "";
  });
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) delete element.dataset.drop;
  });
  element.addEventListener("drop", (event) => {
    delete element.dataset.drop;
    if (!hasFiles(event)) return;
    event.preventDefault();
    attach(target, event.dataTransfer?.files ?? []);
  });
}
