/** One conversation in the list. */

import { current, me, ui } from "../app.js";
import { shortSpan } from "../time.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { contactName, fill, number } from "../words.js";
import { agentOf, avatar, dot, face, icon, isHere, presenceOf, when } from "./parts.js";

/** @typedef {import("../types.d.ts").Conversation} Conversation */

const AMBER_S = 5 * 60;
const RED_S = 15 * 60;

/** @param {Conversation} conversation */
export function row(conversation) {
  const { contact, unread_count: unread } = conversation;
  const name = contactName(contact);
  const moment = conversation.last_message_time ?? conversation.created_at;
  return html`<a class="row" role="option" id="row-${conversation.id}" href="/c/${conversation.id}/" data-local tabindex="-1"
    aria-selected=${ui.route.id === conversation.id} ?data-unread=${unread > 0} ?data-leaving=${ui.closing.has(conversation.id)}>
    ${avatar({ ...contact, name }, { channel: conversation.channel, presence: presenceOf(contact.id) })}
    <span class="row-name"><span>${name}</span>${isHere(contact.id)}${urgency(conversation.priority)}</span>
    <span class="row-time">${when(moment)}</span>
    <span class="row-text">${preview(conversation)}</span>
    <span class="row-end">${tags(conversation)}${owner(conversation)}${badge(conversation)}</span>
  </a>`;
}

/** @param {string} priority */
function urgency(priority) {
  if (priority !== "urgent" && priority !== "high") return nothing;
  const name = priority === "urgent" ? gettext("Urgent") : gettext("High priority");
  return html`<span class="row-flag" data-priority=${priority}>${icon("flag", name)}</span>`;
}

/** @param {Conversation} conversation */
function preview(conversation) {
  const writer = current().typing[conversation.id]?.find((one) => one.contact_id !== null);
  if (writer) return html`<em class="row-typing">${gettext("typing…")}</em>`;
  const draft = ui.route.id === conversation.id ? "" : ui.drafts[conversation.id]?.text;
  if (draft) return html`<em class="row-draft">${gettext("Draft:")}</em> ${draft}`;
  if (conversation.last_message_private)
    return html`${icon("lock", gettext("note"))}<em>${conversation.last_message}</em>`;
  return html`${ours(conversation)}${media(conversation)}`;
}

/** Whether we spoke last; in one's own conversation that was most likely oneself. @param {Conversation} conversation */
function ours({ last_message_sender: sender, assignee_id: owner }) {
  if (sender !== "agent") return nothing;
  return owner === me().id
    ? html`<span class="row-ours">${gettext("You:")}</span> `
    : icon("reply", gettext("the team answered"));
}

/** @param {Conversation} conversation */
function media({ last_message: text, last_message_type: type, last_message_id: id }) {
  const kinds = {
    image: ["image", gettext("Picture")],
    audio: ["music", gettext("Audio")],
    video: ["video", gettext("Video")],
    document: ["paperclip", gettext("File")],
    sticker: ["image", gettext("Sticker")],
    location: ["map-pin", gettext("Place")],
    contacts: ["user", gettext("Contact")],
  };
  const kind = kinds[/** @type {keyof typeof kinds} */ (type)];
  if (kind) return html`${icon(kind[0])}${text || kind[1]}`;
  return text || (id ? html`<em>${gettext("Deleted message")}</em>` : html`<em>${gettext("No messages yet")}</em>`);
}

/** @param {Conversation} conversation */
function tags({ labels, status, csat }) {
  const rated = status === "closed" && csat ? face(csat.rating) : nothing;
  const dots = labels.slice(0, 3).map(dot);
  return html`${dots}${rated}`;
}

/** @param {Conversation} conversation */
function owner({ assignee_id: id }) {
  const agent = id === me().id ? undefined : agentOf(id);
  return agent ? html`<span title=${agent.name}>${avatar(agent, { size: 16 })}</span>` : nothing;
}

/** The unread number; where all is read and the customer waits, for how long. @param {Conversation} conversation */
function badge({ unread_count: unread, waiting_since: since, status }) {
  if (status === "snoozed") return html`<span class="row-snoozed">${icon("alarm-clock", gettext("Snoozed"))}</span>`;
  if (unread)
    return html`<b class="badge" aria-label=${fill(gettext("%(n)s unread"), { n: unread })}>${number(unread)}</b>`;
  if (!since || status === "closed") return nothing;
  const seconds = (Date.now() - new Date(since).getTime()) / 1000;
  const heat = seconds > RED_S ? "red" : seconds > AMBER_S ? "amber" : "calm";
  const title = fill(gettext("Waiting for %(time)s"), { time: shortSpan(seconds) });
  return html`<span class="row-wait" data-heat=${heat} title=${title}>${icon("clock")}${shortSpan(seconds)}</span>`;
}
