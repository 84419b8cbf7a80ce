/** What a person does to a conversation or a message: ask the server, show its answer, say what went wrong. */
import { api } from "./api.js";
import { current, me, touch, touchedSince, ui, update } from "./app.js";
import { copy } from "./clipboard.js";
import { feed } from "./live.js";
import { conversationOf, mergeConversations } from "./store.js";
import { attempt, say, undoable } from "./toasts.js";
import { fill } from "./words.js";

/** @typedef {import("./types.d.ts").Conversation} Conversation */
/** @typedef {import("./types.d.ts").Message} Message */

/** Ask for a change, and show the conversation that is answered. @param {() => Promise<Conversation>} ask */
async function change(ask) {
  const touched = touchedSince("conversations");
  const conversation = await attempt(ask());
  if (conversation) update((state) => mergeConversations(state, [conversation], touched()));
  return conversation;
}

/** @param {number} id @param {number | null} userId */
export async function assign(id, userId) {
  const owner = conversationOf(current(), id)?.assignee_id ?? null;
  const moves = owner !== null && owner !== me().id && userId !== null && me().role === "agent";
  const done = await change(() =>
    api.post(`conversations/${id}/${moves ? "transfer" : "assign"}`, { user_id: userId }),
  );
  if (!done) return;
  const name = current().agents.find((agent) => agent.id === userId)?.name;
  const undo = owner === null ? undefined : () => void assign(id, owner);
  if (userId === null) say(gettext("Back in the queue"), { undo });
  else if (userId !== me().id) say(fill(gettext("Passed to %(name)s"), { name }), { undo });
}

/** @param {number} id @param {number | null} teamId */
export const giveToTeam = (id, teamId) => change(() => api.patch(`conversations/${id}`, { team_id: teamId }));
/** @param {number} id @param {string} priority */
export const setPriority = (id, priority) => change(() => api.patch(`conversations/${id}`, { priority }));
/** @param {number} id @param {string[]} labels */
export const setLabels = (id, labels) => change(() => api.patch(`conversations/${id}`, { labels }));
/** @param {number} id */
export const reopen = (id) => change(() => api.post(`conversations/${id}/reopen`));

/** @param {number} id @param {Date} until */
export async function snooze(id, until) {
  const done = await change(() => api.post(`conversations/${id}/snooze`, { until: until.toISOString() }));
  if (done) say(gettext("Snoozed"), { undo: () => void reopen(id) });
}

/** Ask the customer for a rating, and offer the link to send by hand. @param {number} id */
export async function sendSurvey(id) {
  const survey = await attempt(api.post(`conversations/${id}/survey`));
  if (!survey) return;
  say(gettext("Survey sent"), { action: gettext("Copy the link"), run: () => copy(survey.url) });
}

/** Close in five seconds, unless it is taken back. @param {number} id */
export function close(id) {
  if (conversationOf(current(), id)?.status === "closed" || ui.closing.has(id)) return;
  ui.closing.add(id);
  undoable(gettext("Conversation closed"), {
    commit: async (options) => {
      await change(() => api.post(`conversations/${id}/close`, {}, options));
      ui.closing.delete(id);
      touch();
    },
    undo: () => {
      ui.closing.delete(id);
      touch();
    },
  });
}

/** @param {Message} message */
export function erase(message) {
  ui.deleting.add(message.id);
  const forget = () => {
    ui.deleting.delete(message.id);
    touch();
  };
  undoable(gettext("Message deleted"), {
    commit: async (options) => {
      await attempt(api.remove(`messages/${message.id}`, options));
      // The frame that makes it a tombstone is on its way; until then it stays hidden.
      setTimeout(forget, 2_000);
    },
    undo: forget,
  });
}

/** Leave an uncertain message as it is. @param {Message} message */
export const leave = (message) => attempt(api.post(`messages/${message.id}/leave`));

/** Have the server send a failed message once more. @param {Message} message */
export const retry = (message) => attempt(api.post(`messages/${message.id}/retry`));

/** React, or take the same reaction back. @param {Message} message @param {string} reaction */
export function react(message, reaction) {
  const mine = message.reactions.find((one) => one.user_id === me().id)?.reaction;
  const path = `messages/${message.id}/reactions`;
  return attempt(mine === reaction ? api.remove(path) : api.put(path, { reaction }));
}

/** The newest message of each conversation that we said we have read. @type {Map<number, number>} */
const told = new Map();

/** Tell that everything shown has been read. @param {Conversation} conversation */
export function markRead({ id, unread_count: unread }) {
  const newest = current().messages[id]?.at(-1)?.id ?? 0;
  if (!unread || newest <= (told.get(id) ?? 0)) return;
  told.set(id, newest);
  feed.markAsRead(id, newest).catch(() => {}); // Too much waits already, and says so.
}
