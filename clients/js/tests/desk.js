/** A list of conversations on a server of ours, whose answers come when and how a test says. */
import { Conversations } from "../src/conversations.js";
import { settled, stage } from "./fakes.js";

export const MINUTE = "2026-01-01T10:00:";

/** @param {number} id @param {Record<string, any>} [more] */
export const conversation = (id, more = {}) => ({
  ...{ id, contact_id: id, status: "active", unread_count: 0, last_message: `last of ${id}`, last_message_id: id * 10 },
  ...{
    last_message_time: `${MINUTE}${String(id).padStart(2, "0")}Z`,
    contact: { id, name: `Contact ${id}`, phone: "" },
  },
  ...more,
});

/** @param {number} id @param {Record<string, any>} [more] */
export const message = (id, more = {}) => ({
  ...{ id, conversation_id: 1, content: `message ${id}`, sender: "agent", status: "sent", reactions: [] },
  ...{ client_message_id: "", created_at: `${MINUTE}00Z`, ...more },
});

/**
 * @typedef {object} Server
 * @property {Record<string, any>[]} rows        the conversations that it has
 * @property {Record<string, any>[]} messages    those of any conversation
 * @property {string[]} asked
 * @property {Record<string, any>[]} posted
 * @property {boolean} down
 * @property {(line: string) => Response | null} refuse  a refusal in place of the answer
 * @property {(() => void)[] | null} held        answers held back, in the order of their questions; null: they come at once
 * @property {() => Promise<void>} releaseBackwards  the last question's answer first, until nothing is asked any more
 */

/** A list on a server of ours. */
export function desk() {
  /** @type {Server} */ const server = {
    rows: [conversation(1), conversation(2)],
    messages: [message(1), message(2)],
    asked: [],
    posted: [],
    down: false,
    refuse: () => null,
    held: null,
    async releaseBackwards() {
      for (let release = server.held?.pop(); release; release = server.held?.pop()) {
        release();
        await answered();
      }
    },
  };
  const told = stage({
    /** @param {string} url @param {RequestInit} request */
    fetch: async (url, request) => {
      const line = `${request.method} ${url.split("/api/v1/")[1]}`;
      server.asked.push(line);
      if (server.down) throw new Error("offline");
      const answer = server.refuse(line) ?? Response.json(answerOf(server, url, request));
      if (server.held) await new Promise((release) => server.held?.push(() => release(null)));
      return answer;
    },
  });
  const { client } = told;
  const list = new Conversations(client);
  return {
    ...told,
    server,
    list,
    ids: () => list.state.conversations.map((row) => row.id),
    /** A socket that has been let in. */
    async online() {
      client.connect();
      await settled();
      told.socket().welcome();
      return told.socket();
    },
  };
}

/** @param {Server} server @param {string} url @param {RequestInit} request */
function answerOf(server, url, { method, body }) {
  if (method === "POST") {
    server.posted.push(JSON.parse(String(body)));
    return message(900, server.posted.at(-1));
  }
  if (url.includes("/messages")) return server.messages;
  const [, id] = url.match(/\/conversations\/(\d+)$/) ?? [];
  if (id) return server.rows.find((row) => row.id === Number(id));
  const wanted = new URL(url).searchParams;
  return server.rows.filter((row) => (wanted.get("status") ?? row.status) === row.status);
}

/** Let what was asked be answered. */
export async function answered() {
  await settled();
  await settled();
  await settled();
}
