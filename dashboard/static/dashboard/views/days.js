/** The messages of a thread, each day under its separator; there may be thousands. */

import { ui } from "../app.js";
import { dayName } from "../time.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { bubble } from "./bubble.js";
import { namesOfAgents } from "./parts.js";

/** @typedef {import("../types.d.ts").Message} Message */
/**
 * @typedef {{key: string, draw: () => any}} Item
 * @typedef {{key: string, day: string, moment: string, items: Item[]}} Day
 */

const GROUP_MS = 3 * 60_000;

/** What did not change is neither grouped nor drawn anew. @type {WeakMap<Message[], Day[]>} */
const grouped = new WeakMap();

/** Each day under its separator, which goes with it; at the end what is on its way. @param {Message[]} list @param {Item[]} coming */
export function days(list, coming) {
  const known = grouped.get(list) ?? group(list);
  grouped.set(list, known);
  const newest = known.at(-1);
  return html`${repeat(
    known,
    ({ key }) => key,
    (one) => html`<section>
      <h3 class="day"><span>${dayName(one.moment)}</span></h3>${items(one === newest ? [...one.items, ...coming] : one.items)}
    </section>`,
  )}${newest ? nothing : items(coming)}`;
}

/** @param {Item[]} list */
const items = (list) =>
  repeat(
    list,
    (item) => item.key,
    (item) => item.draw(),
  );

/** Activity lines and bubbles in their groups, by days. @param {Message[]} list */
function group(list) {
  /** @type {Day[]} */
  const found = [];
  list.forEach((message, at) => {
    const [before, after] = [list[at - 1], list[at + 1]];
    const day = new Date(message.created_at).toDateString();
    if (found.at(-1)?.day !== day) {
      // A clock that was set back brings a day again.
      const key = found.some((one) => one.day === day) ? `${day} ${message.id}` : day;
      found.push({ key, day, moment: message.created_at, items: [] });
    }
    const place = { first: !together(before, message), last: !together(message, after) };
    found.at(-1)?.items.push({
      key: keyOf(message),
      draw: () => guard(marks(message, place), () => draw(message, place)),
    });
  });
  return found;
}

/** What a message's looks depend on. @param {Message} message @param {{first: boolean, last: boolean}} place */
const marks = (message, { first, last }) => [message, first, last, ui.deleting.has(message.id), namesOfAgents()];

/** @param {Message} message @param {{first: boolean, last: boolean}} place */
const draw = (message, place) => (message.sender === "system" ? activity(message) : bubble(message, place));

/** A message keeps its place on the page when the stored one replaces the pending one. @param {Message} message */
const keyOf = (message) => (message.client_message_id ? `p${message.client_message_id}` : `m${message.id}`);

/** @param {Message | undefined} one @param {Message | undefined} other */
function together(one, other) {
  if (
    !one ||
    !other ||
    one.sender !== other.sender ||
    one.private !== other.private ||
    one.author?.id !== other.author?.id
  )
    return false;
  const [a, b] = [new Date(one.created_at), new Date(other.created_at)];
  return b.getTime() - a.getTime() < GROUP_MS && a.toDateString() === b.toDateString();
}

/** @param {Message} message */
const activity = (message) => html`<p class="line" id="m${message.id}"><span>${message.content}</span></p>`;
