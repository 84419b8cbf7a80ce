/** The thread's scroll: it stays at the newest message when it was there, and holds its place when older ones come. */

import { glide } from "../prefs.js";

const NEAR_PX = 80;

/** @type {HTMLElement | null} */
let box = null;
let thread = "";
let atEnd = true;
let height = 0;
let top = 0;
let newest = "";

/** @param {Element | undefined} element */
export function follow(element) {
  box = element instanceof HTMLElement ? element : null;
  if (!box) return;
  box.addEventListener("scroll", remember, { passive: true });
  new ResizeObserver(settle).observe(box);
  new ResizeObserver(settle).observe(/** @type {Element} */ (box.firstElementChild));
}

/** Call after each repaint. */
export function settle() {
  if (!box) return;
  const another = box.dataset.thread !== thread;
  const now = box.dataset.newest ?? "";
  if (another || atEnd) box.scrollTop = box.scrollHeight;
  else if (box.scrollHeight !== height && now === newest && top < NEAR_PX * 4)
    box.scrollTop = top + box.scrollHeight - height;
  thread = box.dataset.thread ?? "";
  newest = now;
  remember();
}

function remember() {
  if (!box) return;
  height = box.scrollHeight;
  top = box.scrollTop;
  atEnd = height - top - box.clientHeight < NEAR_PX;
  const pill = /** @type {HTMLElement | null} */ (box.lastElementChild);
  if (pill) pill.hidden = height - top - box.clientHeight < box.clientHeight / 2;
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
  box?.scrollTo({ top: box.scrollHeight, behavior: glide() });
}

/** Whether the newest message is in sight. */
export const seesEnd = () => box !== null && atEnd;
