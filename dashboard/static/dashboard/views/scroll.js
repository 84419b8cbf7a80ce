/**
 * The thread's scroll: at the newest message it stays there; elsewhere the message that is read stays where it is, whatever
 * comes above or below it, and is found there again by whoever comes back.
 */
import { me, touch } from "../app.js";
import { glide } from "../prefs.js";

/** @typedef {import("../types.d.ts").Message} Message */
/** @typedef {{message: string, from: number, seen: number}} Place the topmost message in sight, how far from the top, the newest seen */

const NEAR_PX = 80;

/** @type {HTMLElement | null} */
let box = null;
/** @type {ResizeObserver | null} */
let sizes = null;
let thread = "";
let atEnd = true;
/** On the way to the newest message, which may be another by then. */
let bound = false;
/** @type {Place} */
let place = { message: "", from: 0, seen: 0 };
/** @type {Map<string, Place>} where threads were left that were not at their end */
const left = new Map();

/** @param {Element | undefined} element */
export function follow(element) {
  sizes?.disconnect();
  box = element instanceof HTMLElement ? element : null;
  thread = "";
  if (!box) return;
  box.addEventListener("scroll", scrolled, { passive: true });
  for (const turn of ["wheel", "touchmove"]) box.addEventListener(turn, stray, { passive: true });
  sizes = new ResizeObserver(settle);
  sizes.observe(box);
  sizes.observe(/** @type {Element} */ (box.firstElementChild));
}

/** Call after each repaint. */
export function settle() {
  if (!box) return;
  const now = box.dataset.thread ?? "";
  if (now !== thread) arrive(now);
  else if (bound) toLatest();
  else if (!atEnd) keepTo(place);
  if (atEnd) box.scrollTop = box.scrollHeight;
  remember();
}

/** Another conversation is on show: where it was left, or at its end. @param {string} now */
function arrive(now) {
  const before = left.get(now);
  bound = false;
  atEnd = !before || !keepTo(before);
  if (!box?.dataset.newest) return;
  left.delete(now);
  thread = now;
  if (before) place = before;
}

/** Have a message stand where it stood. Answers whether it is there. @param {Place} place */
function keepTo({ message, from }) {
  const target = document.getElementById(message);
  if (!box || !target) return false;
  const moved = target.getBoundingClientRect().top - box.getBoundingClientRect().top - from;
  if (Math.abs(moved) >= 1) box.scrollTop += moved;
  return true;
}

function stray() {
  bound = false;
}

function scrolled() {
  const before = atEnd;
  remember();
  // What is in sight now has been read, and is no news any more.
  if (atEnd && !before) touch();
}

function remember() {
  if (!box) return;
  const below = box.scrollHeight - box.scrollTop - box.clientHeight;
  atEnd = below < NEAR_PX;
  bound = bound && !atEnd;
  const seen = atEnd ? Number(box.dataset.newest ?? 0) : place.seen;
  place = { ...(atEnd ? { message: "", from: 0 } : topmost(box)), seen };
  const pill = /** @type {HTMLElement | null} */ (box.lastElementChild);
  if (pill) pill.hidden = pill.dataset.news ? atEnd : below < box.clientHeight / 2;
}

/** The first message that is not above the sight. @param {HTMLElement} box */
function topmost(box) {
  const { top } = box.getBoundingClientRect();
  const all = box.querySelectorAll("article[id], .line[id]");
  let [low, high] = [0, all.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  return all[low]
    ? { message: all[low].id, from: all[low].getBoundingClientRect().top - top }
    : { message: "", from: 0 };
}

/** The conversation is left: it will be found as it is. @param {number} id */
export function partWith(id) {
  if (String(id) !== thread || atEnd) return;
  left.set(thread, place);
}

/** Its messages are not kept any longer. @param {number} id */
export const forgetPlace = (id) => left.delete(String(id));

/** How many messages of others have come below what is in sight. @param {number} id @param {Message[]} messages */
export function newsIn(id, messages) {
  const here = String(id) === thread;
  const { seen } = (here ? !atEnd && place : left.get(String(id))) || { seen: Number.POSITIVE_INFINITY };
  const others = (/** @type {Message} */ one) => one.sender === "customer" || one.author?.id !== me().id;
  return messages.filter((one) => one.id > seen && one.sender !== "system" && !one.deleted_at && others(one)).length;
}

/** Show a message that is on the page, and which it is. @param {number} id */
export function toMessage(id) {
  const target = document.getElementById(`m${id}`);
  target?.scrollIntoView({ block: "center" });
  target?.animate(
    [{ background: "var(--chosen)" }, { background: "var(--chosen)", offset: 0.6 }, { background: "transparent" }],
    { duration: 1600 },
  );
  remember();
}

export function toLatest() {
  bound = !atEnd;
  box?.scrollTo({ top: box.scrollHeight, behavior: glide() });
}

/** Whether the newest message is in sight. */
export const seesEnd = () => box !== null && atEnd;
