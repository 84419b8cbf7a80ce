/** The page's parts, from the state alone. Text goes in as text, never as markup. */
import { initials, online, side, textOf, tick, when, writing } from "../shared/words.js";

/** @param {string} selector @returns {any} */
export const find = (selector) => document.querySelector(selector);

/** @param {string} name @param {Record<string, any>} properties @param {...(Node | string)} children */
function element(name, { data = {}, ...properties }, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

/** @param {import("niochat-client/conversations").Conversations} list */
export function drawList({ state, selectConversation }) {
  find(".people").textContent = `${online(state.presence)} online`;
  find(".unread-total").textContent = `${state.unreadCount} unread`;
  find(".trouble").hidden = !state.error;
  find(".trouble span").textContent = state.error?.message ?? "";
  find(".rows").replaceChildren(
    ...state.conversations.map((one) =>
      element("li", {}, row(one, one.id === state.currentConversation?.id, selectConversation)),
    ),
  );
}

function row(conversation, isCurrent, select) {
  const { contact, last_message, last_message_time: moment, unread_count: unread } = conversation;
  return element(
    "button",
    { className: "row", ariaCurrent: String(isCurrent), onclick: () => select(conversation) },
    element("span", { className: "face", ariaHidden: "true" }, initials(contact.name)),
    element("span", { className: "name" }, contact.name),
    element("time", { className: "time", dateTime: moment ?? "" }, when(moment)),
    element("span", { className: "last" }, last_message),
    ...(unread ? [element("span", { className: "unread" }, String(unread))] : []),
  );
}

/** @param {import("niochat-client/conversations").ConversationsState} state */
export function drawThread({ currentConversation: current, currentMessages, typing, viewers }) {
  find(".empty").hidden = Boolean(current);
  find(".thread").hidden = !current;
  if (!current) return;
  find(".with h2").textContent = current.contact.name;
  find(".phone").textContent = current.contact.phone;
  find(".viewers").textContent = viewers.length > 1 ? `${viewers.length - 1} also here` : "";
  find(".typing").textContent = writing(typing[current.id], current.contact.name);
  const messages = find(".messages");
  messages.replaceChildren(...currentMessages.map(bubble));
  messages.scrollTop = messages.scrollHeight;
}

function bubble(message) {
  const data = { side: side(message), status: message.status };
  return element(
    "li",
    { className: "message", title: message.error, data },
    textOf(message),
    element("small", {}, `${when(message.created_at)} ${tick(message)}`),
  );
}
