/**
 * A client that another program drives: a line of JSON in is a call, lines out are what it told and what calls answered.
 * In: `{id, call: "sendMessage", args: […]}`, and `{token}` as the answer to `{wants: "token"}`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { NioChatClient } from "../src/index.js";

const { renews, file, ...options } = JSON.parse(process.argv[2]);
const say = (/** @type {any} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** @type {((token: string) => void)[]} */ const waiting = [];
const getToken = () =>
  new Promise((resolve) => {
    waiting.push(resolve);
    say({ wants: "token" });
  });
/** A page's storage, in a file. */
const storage = {
  getItem() {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return null;
    }
  },
  setItem: (/** @type {string} */ _key, /** @type {string} */ value) => writeFileSync(file, value),
};

const client = /** @type {any} */ (
  new NioChatClient({
    WebSocket,
    reconnect: { delayMs: () => 50, attempts: Number.POSITIVE_INFINITY },
    ...options,
    ...(renews && { getToken }),
    ...(file && { storage }),
  })
);
client.on("*", (/** @type {any} */ frame) => say({ frame }));

for await (const line of createInterface({ input: process.stdin })) {
  const { id, call, args, token } = JSON.parse(line);
  if (token) waiting.shift()?.(token);
  else answer(id, call, args);
}
client.disconnect();

/** @param {number} id @param {string} call @param {any[]} args */
async function answer(id, call, args) {
  try {
    const owner = call.startsWith("rest.") ? client.rest : client;
    say({ id, result: (await owner[call.replace("rest.", "")](...args)) ?? null });
  } catch (problem) {
    say({ id, problem: /** @type {any} */ (problem).code });
  }
}
