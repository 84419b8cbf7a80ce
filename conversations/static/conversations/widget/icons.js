import { drawing, element } from "./dom.js";

/** Our own strokes on a 24 px grid. */
const STROKES = {
  chat: "M12 4.5c-4.7 0-8.5 3-8.5 6.8 0 2.3 1.4 4.3 3.5 5.5L6.2 20.5l4.3-2.5q.7.1 1.5.1c4.7 0 8.5-3 8.5-6.8S16.7 4.5 12 4.5z",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9.5l6 6 6-6",
  send: "M4.5 12L20 4.5 15.5 20l-3.5-6zM12 14l8-9.5",
  clip: "M19 11.5l-7.2 7.2a4.4 4.4 0 0 1-6.3-6.3l7.6-7.5a3 3 0 0 1 4.2 4.2l-7.5 7.4a1.5 1.5 0 0 1-2.1-2.1l6.6-6.5",
  file: "M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2.5 12.5l4 4L15 8M11 15.5l1 1L20.5 8",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.5l3 1.5",
  alert: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v5M12 15.9v.2",
  smile: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M8.5 14q3.5 3.5 7 0M9.5 9.5v.8M14.5 9.5v.8",
};

/**
 * @param {keyof typeof STROKES} name
 * @param {string} [label] without one the icon is decoration
 */
export function icon(name, label) {
  const spoken = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return drawing(
    "svg",
    { viewBox: "0 0 24 24", class: `icon icon-${name}`, ...spoken },
    drawing("path", { d: STROKES[name] }),
  );
}

/** Mouths from very bad to very good; the first also frowns, the last laughs. */
const FACES = [
  "M12.5 28.5q7.5-8 15 0M11.5 12.5l5 2.5M28.5 12.5l-5 2.5",
  "M13 27.5q7-5 14 0",
  "M13 26h14",
  "M13 24.5q7 5.5 14 0",
  "M11.5 23h17q-1.5 8.5-8.5 8.5T11.5 23z",
];

/** @param {number} rating 1 (worst) to 5 (best) */
export function face(rating) {
  const eye = (/** @type {number} */ cx) => drawing("circle", { cx, cy: 17.5, r: 1.7, class: "eye" });
  return drawing(
    "svg",
    { viewBox: "0 0 40 40", class: "face", "aria-hidden": "true" },
    drawing("circle", { cx: 20, cy: 20, r: 17 }),
    eye(14),
    eye(26),
    drawing("path", { d: FACES[rating - 1] }),
  );
}

/**
 * Somebody's picture, or their initials.
 *
 * @param {import("./types.js").Person | null} person
 * @param {string} fallback whose initials stand for nobody in particular
 */
export function avatar(person, fallback) {
  const name = person?.name || fallback;
  const initials = name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word[0])
    .filter((_, index, all) => index === 0 || index === all.length - 1)
    .join("")
    .toUpperCase();
  const picture = person?.avatar_url && element("img", { src: person.avatar_url, alt: "", loading: "lazy" });
  return element("span", { class: "avatar", "aria-hidden": "true" }, picture || initials);
}
