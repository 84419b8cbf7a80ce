import { element } from "./dom.js";
import { icon } from "./icons.js";

const PICTURE_WIDTH = 232;
const PICTURE_HEIGHT = 260;

/** @type {Map<number, Promise<string>>} pictures that are in memory, by attachment */
const shown = new Map();

/**
 * What was just uploaded from here needs no fetching.
 *
 * @param {number} id the attachment's
 * @param {File} file
 */
export function remember(id, file) {
  shown.set(id, Promise.resolve(URL.createObjectURL(file)));
}

/**
 * A picture, fetched with the visitor's token and shown from memory. Its place is kept from the start: nothing jumps.
 *
 * @param {import("./api.js").Api} api
 * @param {import("./types.js").Attachment} attachment
 * @param {import("./words.js").Language} language
 */
export function picture(api, attachment, language) {
  const { width, height } = boxFor(attachment);
  const image = element("img", { alt: attachment.name, width, height });
  const link = element(
    "a",
    {
      class: "picture",
      target: "_blank",
      rel: "noopener",
      "aria-label": language.say("download", { name: attachment.name }),
    },
    image,
  );
  inMemory(api, attachment).then(
    (url) => {
      image.src = url;
      link.href = url;
    },
    () => link.replaceWith(fileButton(api, attachment, language)),
  );
  return link;
}

/**
 * @param {import("./api.js").Api} api
 * @param {import("./types.js").Attachment} attachment
 */
function inMemory(api, attachment) {
  const url =
    shown.get(attachment.id) ??
    api.file(attachment).then((blob) => URL.createObjectURL(new Blob([blob], { type: attachment.content_type })));
  shown.set(attachment.id, url);
  url.catch(() => shown.delete(attachment.id));
  return url;
}

/** @param {import("./types.js").Attachment} attachment */
function boxFor({ width, height }) {
  if (!width || !height) {
    return { width: PICTURE_WIDTH, height: (PICTURE_WIDTH * 2) / 3 };
  }
  const scale = Math.min(1, PICTURE_WIDTH / width, PICTURE_HEIGHT / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/**
 * Any other file: its name and size, saved on a click. Its bytes never get a type that a browser would run.
 *
 * @param {import("./api.js").Api} api
 * @param {import("./types.js").Attachment} attachment
 * @param {import("./words.js").Language} language
 */
export function fileButton(api, attachment, language) {
  const label = language.say("download", { name: attachment.name });
  const save = async () => {
    const blob = await api.file(attachment);
    const href = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
    element("a", { href, download: attachment.name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  };
  return element(
    "button",
    { type: "button", class: "file", "aria-label": label, onclick: save },
    icon("file"),
    element("span", { class: "name" }, attachment.name),
    element("span", { class: "size" }, language.size(attachment.size)),
  );
}
