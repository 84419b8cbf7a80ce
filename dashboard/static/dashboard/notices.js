/** What calls for attention: a tone, a notice of the system, the unread number in the title. */
import { current, may, me, ready, ui } from "./app.js";
import { prefs } from "./prefs.js";
import { go } from "./router.js";
import { play } from "./sound.js";
import { conversationOf } from "./store.js";
import { say } from "./toasts.js";
import { contactName, fill } from "./words.js";

/** Look at a frame before it is applied. @param {import("./types.d.ts").Frame} frame */
export function announce({ type, data, seq }) {
  // A new socket is told how each session stands: that is no news.
  if (type === "session_status") return seq === undefined ? undefined : connectionNews(data);
  if (type === "contact_created") return newcomer(data);
  if (type === "audit_log") return setAside(data);
  if (type === "message_status") return undelivered(data);
  if (type !== "chat_message" || data.message.sender !== "customer" || !ready()) return;
  const known = conversationOf(current(), data.conversation_id);
  if (known?.assignee_id && known.assignee_id !== me().id) return;
  const open = ui.route.page === "inbox" && ui.route.id === data.conversation_id;
  if (open && document.hasFocus()) return play("message");
  play(known?.last_message_id ? "message" : "arrival");
  if (document.hidden) notify(data);
}

/** An inbox lost its provider, or is back: those who watch hear of it. @param {any} data */
function connectionNews({ session_id: id, status }) {
  const inbox = ready() ? current().inboxes.find((one) => one.id === id) : undefined;
  if (!inbox) return;
  const { name } = inbox;
  if (status === "disconnected" && inbox.channel === "whatsapp_qr")
    return say(fill(gettext("The phone of %(name)s is not connected"), { name }), { bad: true });
  if (status === "disconnected") say(fill(gettext("%(name)s must be authorised again"), { name }), { bad: true });
  if (status === "connected") say(fill(gettext("%(name)s is connected"), { name }));
}

/** Something came in that is not believed: those who watch hear of it, who may look at it is led there. @param {any} data */
function setAside({ action, details: { name, reason, inbox_id: id } }) {
  if (action !== "delivery_quarantined") return;
  const doubts = {
    other_account: gettext("it is another account's"),
    too_old: gettext("it is too old"),
    unknown_kind: gettext("nobody knows its kind"),
    not_theirs: gettext("somebody else wrote that message"),
    unproven: gettext("it changes what we wrote, and may not be ours"),
    unreadable: gettext("it can't be read"),
    dead_letter: gettext("it could not be applied"),
  };
  const why = doubts[/** @type {keyof typeof doubts} */ (reason)] ?? reason;
  const page = reason === "unreadable" ? "webhookdelivery" : "setaside";
  const show = () => location.assign(`/admin/conversations/${page}/?inbox__id__exact=${id}`);
  const led = may("inbox.manage") ? { action: gettext("Look at it"), run: show } : {};
  say(fill(gettext("%(name)s: something that came in was set aside, because %(why)s"), { name, why }), {
    bad: true,
    ...led,
  });
}

/** What did not reach my customer, or perhaps not, is told wherever I am but at the message itself. @param {any} data */
function undelivered({ conversation_id: id, status, failure }) {
  if (status !== "failed" || failure?.code === "left" || !ready()) return;
  const conversation = conversationOf(current(), id);
  if (conversation?.assignee_id !== me().id || (ui.route.page === "inbox" && ui.route.id === id)) return;
  const words =
    failure?.code === "uncertain"
      ? gettext("A message to %(name)s may not have arrived")
      : gettext("A message to %(name)s could not be delivered");
  const name = contactName(conversation.contact);
  say(fill(words, { name }), { bad: true, action: gettext("Look at it"), run: () => go(`/c/${id}/`) });
}

/** Whoever looks at the contacts hears of a new one. @param {any} contact */
function newcomer(contact) {
  if (ui.route.page !== "contacts") return;
  say(fill(gettext("New contact: %(name)s"), { name: contactName(contact) }));
}

/** @param {any} data */
function notify({ conversation_id: id, contact, message }) {
  if (!prefs.notices || typeof Notification === "undefined" || Notification.permission !== "granted") return;
  const notice = new Notification(contactName(contact), { body: message.content, tag: `niochat-${id}`, silent: true });
  notice.onclick = () => {
    window.focus();
    history.pushState(null, "", `/c/${id}/`);
    dispatchEvent(new PopStateEvent("popstate"));
    notice.close();
  };
}

/** Unread messages of my conversations and of those that nobody owns, in the window's title. */
export function titleCount() {
  const unread = current().conversations.filter((one) => one.unread_count > 0 && one.status !== "closed");
  const count = unread.filter((one) => one.assignee_id === me().id || one.assignee_id === null).length;
  return count ? `(${count}) ` : "";
}
