/**
 * Clients of clients/js in one process: `node node_clients.mjs URL LIBRARY`. Reads lines of JSON, answers by lines of JSON.
 *
 *   {"open": [{"name", "token", "conversation"}, …]}   connect, and write to one's own conversation now and then
 *   {"quiet": true}                                     write no more
 *   {"tell": true}                                      {"clients": [{name, state, wrong, heard, sent, waiting, opened, conversations, messages}]}
 */
import { createInterface } from "node:readline";
import WebSocket from "ws";

const [url, library] = process.argv.slice(2);
const { NioChatClient, exponential } = await import(library);
const PAGE = 200;
let quiet = false;

class Fold {
  conversations = {};
  messages = {};
  cursors = {};
  wrong = [];
  heard = 0;

  replace({ state, messages }) {
    this.cursors = { ...state.cursors };
    this.conversations = Object.fromEntries(state.conversations.map((row) => [row.id, row]));
    this.messages = Object.fromEntries(messages.map((row) => [row.id, essence(row)]));
  }

  apply({ type, data, stream, seq }) {
    if (seq !== undefined) {
      this.heard += 1;
      if (stream in this.cursors && seq !== this.cursors[stream] + 1) this.wrong.push(`${stream}: ${seq} after ${this.cursors[stream]}`);
      this.cursors[stream] = seq;
    }
    const message = this.messages[data.message_id];
    if (type === "conversation_updated") this.conversations[data.id] = data;
    else if (type === "chat_message") this.messages[data.message.id] = essence(data.message);
    else if (type === "message_status") message.status = data.status;
    else if (type === "message_deleted") Object.assign(message, { content: "", deleted: true, reactions: [] });
    else if (type === "message_reaction") {
      message.reactions = message.reactions.filter(([user, contact]) => user !== data.user_id || contact !== data.contact_id);
      if (data.reaction) message.reactions.push([data.user_id, data.contact_id, data.reaction]);
    }
  }
}

const essence = ({ content, status, deleted_at, reactions }) => ({
  content,
  status,
  deleted: deleted_at !== null,
  reactions: reactions.map(({ user_id, contact_id, reaction }) => [user_id, contact_id, reaction]),
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function patiently(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (problem) {
      if (!problem.passing && problem.status) throw problem;
      await pause(200);
    }
  }
}

/** A snapshot, with every message that it stands for. */
async function everything(rest) {
  const state = await rest.snapshot();
  const messages = [];
  for (const { id } of state.conversations) {
    for (let offset = 0; ; offset += PAGE) {
      const rows = await patiently(() => rest.messages(id, { limit: PAGE, offset }));
      messages.push(...rows);
      if (rows.length < PAGE) break;
    }
  }
  return { state, messages };
}

function opened({ name, token, conversation }) {
  const fold = new Fold();
  const one = { name, fold, sent: [], waiting: 0, opened: 0, problems: [] };
  let fetched = null;
  // A fetch that outlives its socket serves the next one: what has happened since is resumed.
  let fetching = null;
  const client = new NioChatClient({
    url,
    token,
    WebSocket,
    // The spread after a restart is fifteen seconds in life.
    random: () => Math.random() * 0.03,
    reconnect: { delayMs: (attempt) => Math.random() * exponential(50, 400)(attempt), attempts: Number.POSITIVE_INFINITY },
    snapshot: async () => {
      fetching ??= everything(client.rest).finally(() => {
        fetching = null;
      });
      fetched = await fetching;
      return fetched.state;
    },
    // The position is kept when a snapshot counts: one whose socket broke meanwhile does not.
    storage: {
      getItem: () => null,
      setItem: (_, text) => {
        if (!fetched || !same(JSON.parse(text).cursors, fetched.state.cursors)) return;
        fold.replace(fetched);
        fetched = null;
      },
    },
    onConnect: () => {
      one.opened += 1;
    },
  });
  client.on("*", (frame) => frame.data && fold.apply(frame));
  // And so are the seconds that the server wants after a flood.
  client.on("state", ({ state, code }) => state === "reconnecting" && code === 4429 && setTimeout(() => client.retryNow(), 300));
  client.on("error", (problem) => one.problems.push(problem.code));
  client.connect();
  write(one, client, conversation);
  one.client = client;
  return one;
}

const same = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

async function write(one, client, conversation) {
  for (let number = 0; ; ) {
    await pause(500 + Math.random() * 6000);
    if (quiet) continue;
    const lines = Array.from({ length: 1 + Math.floor(Math.random() * 4) }, (_, index) => `${one.name} ${number + index}`);
    number += lines.length;
    one.sent.push(...lines);
    one.waiting = lines.length;
    try {
      await Promise.all(lines.map((line) => client.sendMessage(conversation, line)));
      one.waiting = 0;
    } catch (problem) {
      one.problems.push(problem.code);
    }
  }
}

let clients = [];
const shown = ({ name, fold, sent, waiting, opened, problems, client }) => ({
  name,
  sent,
  waiting,
  opened,
  problems,
  state: client.state,
  wrong: fold.wrong,
  heard: fold.heard,
  conversations: fold.conversations,
  messages: fold.messages,
});

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.open) clients = told.open.map(opened);
  if (told.quiet) quiet = true;
  if (told.tell) process.stdout.write(`${JSON.stringify({ clients: clients.map(shown) })}\n`);
}
process.exit(0);
