/** The dashboard begins here. */
import { markRead } from "./actions.js";
import { current, drawWith, ready, touch, ui, watch } from "./app.js";
import { restoreDrafts } from "./drafts.js";
import { findIn } from "./finds.js";
import { bringIcons } from "./icons.js";
import { listenToKeys } from "./keys.js";
import { comeBackTo, loaded, loadMore, stay } from "./lists.js";
import { begin, feed } from "./live.js";
import { titleCount } from "./notices.js";
import { restore } from "./outbox.js";
import { dress, fold, followPrefs } from "./prefs.js";
import { route } from "./router.js";
import { findVoice } from "./sound.js";
import { conversationOf } from "./store.js";
import { loadThread, remember } from "./threads.js";
import { pressedOutside } from "./views/menu.js";
import { forgetPlace, partWith, seesEnd, settle } from "./views/scroll.js";
import { paint } from "./views/shell.js";
import { isEnding } from "./views/window.js";

const CLOCK_MS = 1_000;
const title = document.title;

drawWith(() => {
  paint();
  settle();
  seen();
  rename();
});
watch(() => document.hidden && rename());
addEventListener("focus", touch);
addEventListener("pointerdown", pressedOutside);
bringIcons();
start();

async function start() {
  dress();
  paint();
  try {
    await begin();
  } catch {
    return setTimeout(start, CLOCK_MS * 5);
  }
  restore();
  restoreDrafts();
  comeBackTo();
  listenToKeys();
  findVoice();
  followPrefs(touch);
  route(arrived);
  tick();
}

/** @param {typeof ui.route} now @param {typeof ui.route} before */
function arrived(now, before) {
  ui.hold = null;
  fold.open = false;
  if (before.page === "inbox" && before.id && before.id !== now.id) {
    feed.leaveConversation(before.id);
    partWith(before.id);
  }
  if (now.page !== "inbox") return;
  stay(now.id);
  if (!loaded()) loadMore();
  if (now.id === null) return;
  if (now !== before) feed.joinConversation(now.id);
  const { id } = now;
  remember(id).forEach(forgetPlace);
  const there = current().messages[id] && !ui.threads[id]?.error ? Promise.resolve() : loadThread(id);
  if (ui.search) there.then(() => findIn(id));
}

/** Relative times, waiting times and the countdown of the connection move with the clock. */
function tick() {
  const open = ready() && ui.route.id !== null ? conversationOf(current(), ui.route.id) : undefined;
  const again = ui.connection.state === "reconnecting" || new Date().getSeconds() === 0 || isEnding(open);
  if (again) touch();
  setTimeout(tick, CLOCK_MS);
}

/** What is on the screen of someone who looks at it has been read. */
function seen() {
  if (!ready() || ui.route.page !== "inbox" || ui.route.id === null || !document.hasFocus() || !seesEnd()) return;
  const conversation = conversationOf(current(), ui.route.id);
  if (conversation && current().messages[conversation.id]) markRead(conversation);
}

/** A hidden window is not painted, but its title is read. */
function rename() {
  if (!ready()) return;
  document.title = titleCount() + title;
}
