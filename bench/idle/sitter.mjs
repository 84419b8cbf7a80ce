/**
 * A client that only sits there: `node sitter.mjs KIND URL CONVERSATION LIBRARY`, KIND being niochat, socketio or polling.
 * Tells {"is": "open" | "broken" | "heard" | "token?"} by lines of JSON; {"token"} comes back the same way.
 */
import { createInterface } from "node:readline";

const [kind, url, conversation, library] = process.argv.slice(2);
const asking = [];
const tell = (is, data) => process.stdout.write(`${JSON.stringify({ is, data })}\n`);

function getToken() {
  tell("token?");
  return new Promise((resolve) => asking.push(resolve));
}

async function niochat() {
  const [{ NioChatClient }, { default: WebSocket }] = await Promise.all([import(library), import("ws")]);
  const client = new NioChatClient({
    url,
    getToken,
    WebSocket,
    onConnect: () => tell("open"),
    onDisconnect: () => tell("broken"),
  });
  client.on("chat_message", (data) => tell("heard", data));
  client.connect();
}

async function socketio() {
  const { io } = await import("socket.io-client");
  const transports = [kind === "polling" ? "polling" : "websocket"];
  const socket = io(url, { transports, auth: (give) => getToken().then((token) => give({ token })) });
  let welcomed = false;
  socket.on("connect", () => {
    welcomed = true;
    socket.emit("join_conversation", { conversation_id: conversation }, () => tell("open"));
  });
  socket.on("disconnect", () => {
    if (welcomed) tell("broken");
    welcomed = false;
  });
  // An ended credential is refused for good by the document: its client asks for another one.
  for (const refused of ["connect_error", "disconnect"]) socket.on(refused, () => setTimeout(() => socket.connect(), 500));
  socket.onAny((event, ...given) => tell("heard", [event, ...given]));
}

await (kind === "niochat" ? niochat() : socketio());
for await (const line of createInterface({ input: process.stdin })) asking.shift()?.(JSON.parse(line).token);
process.exit(0);
