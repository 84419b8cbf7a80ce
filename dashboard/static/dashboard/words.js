/** Text with parts filled in. The catalogue (`gettext`, `ngettext`) is Django's, loaded before the modules. */

/** Fill `%(name)s` parts. @param {string} text @param {Record<string, any>} parts */
export function fill(text, parts) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => String(parts[name] ?? ""));
}

/** Fill the number into what `ngettext` chose. @param {string} text @param {number} count */
export const count = (text, count) => fill(text, { count: number(count) });

export const language = () => document.documentElement.lang || "pt-br";

/** What has a name, as people look it up. @template {{name: string}} T @param {T[]} rows */
export const byName = (rows) => [...rows].sort((one, other) => one.name.localeCompare(other.name, language()));

/** What writes numbers is dear to make. @type {Map<string, Intl.NumberFormat>} */
const writers = new Map();

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options) {
  const key = language() + JSON.stringify(options ?? {});
  const writer = writers.get(key) ?? new Intl.NumberFormat(language(), options);
  writers.set(key, writer);
  return writer.format(value);
}

/** What colleagues call a contact; one who has not said a name goes by a number. @param {{id?: number | null, name: string, phone?: string}} contact */
export function contactName({ id, name, phone }) {
  const known = name === `#${id}` ? "" : name;
  return known || phone || fill(gettext("Visitor %(id)s"), { id });
}

/** The same where only the name is told. @param {string} name */
export function personName(name) {
  const id = /^#(\d+)$/.exec(name)?.[1];
  return id ? fill(gettext("Visitor %(id)s"), { id }) : name;
}

const LINK = /\b(?:https?:\/\/[^\s<>"']+|mailto:[^\s<>"']+|[\w.+-]+@[\w-]+\.[\w.-]*\w)/gi;

/**
 * The text cut at its links: only http, https and mailto become links, everything else stays text.
 * @param {string} text
 * @returns {{text: string, href?: string}[]}
 */
export function linked(text) {
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const found = match[0].replace(/[).,;:!?]+$/, "");
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: found, href: /^(https?:|mailto:)/i.test(found) ? found : `mailto:${found}` });
    from = match.index + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** A size as people say it. @param {number} bytes */
export function size(bytes) {
  const steps = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(steps.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const options = { style: "unit", unit: steps[step], unitDisplay: step ? "short" : "long", maximumFractionDigits: 1 };
  return number(bytes / 1024 ** step, /** @type {Intl.NumberFormatOptions} */ (options));
}
