/** The keyboard: one letter for each thing that is done often, wherever no field has the focus. */
import { assign, close } from "./actions.js";
import { current, me, ready, touch, ui } from "./app.js";
import { snoozeMenu } from "./menus.js";
import { fold } from "./prefs.js";
import { conversationOf } from "./store.js";
import { takeBack } from "./toasts.js";
import { write } from "./views/composer.js";
import { stepRow } from "./views/list.js";
import { foldDetails } from "./views/thread_head.js";

/** @type {Record<string, () => void>} */
const IN_INBOX = {
  j: () => stepRow(1),
  k: () => stepRow(-1),
  "/": () => document.getElementById("search")?.focus(),
};

/** @type {Record<string, (id: number) => void>} */
const IN_CONVERSATION = {
  e: close,
  a: (id) => conversationOf(current(), id)?.status !== "closed" && assign(id, me().id),
  n: () => write("note"),
  r: () => write("reply"),
  s: putOff,
  d: foldDetails,
};

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (!ready() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isField(event.target))
      return;
    const act = actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** @param {KeyboardEvent} event @returns {(() => void) | undefined} */
function actOf(event) {
  const { id, page } = ui.route;
  if (ui.menu || ui.helpOpen) return undefined;
  if (event.key === "?") return showHelp;
  if (event.key === "z") return takeBack;
  if (page !== "inbox") return undefined;
  if (event.key === "Escape" && fold.open) return foldDetails;
  if (inList(event.target) && arrows[event.key]) return arrows[event.key];
  if (id !== null && Object.hasOwn(IN_CONVERSATION, event.key)) return () => IN_CONVERSATION[event.key](id);
  return Object.hasOwn(IN_INBOX, event.key) ? IN_INBOX[event.key] : undefined;
}

/** @type {Record<string, () => void>} */
const arrows = { ArrowDown: () => stepRow(1), ArrowUp: () => stepRow(-1) };

/** Only what has the button for it can be snoozed. @param {number} id */
function putOff(id) {
  const button = document.querySelector(".head-actions [aria-keyshortcuts=s]");
  if (button) snoozeMenu(id, button);
}

function showHelp() {
  ui.helpOpen = true;
  touch();
}

/** @param {EventTarget | null} target */
const isField = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
/** @param {EventTarget | null} target */
const inList = (target) => target instanceof Element && target.closest(".list-rows") !== null;
