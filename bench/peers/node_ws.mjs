// Node with `ws` and Redis pub/sub: one subscription per group and process, a send per socket.
// The Redis client is a few lines, so that nothing but `ws` is compared.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { connect } from "node:net";
import { WebSocketServer } from "ws";

const [port, redisUrl, secret] = process.argv.slice(2);
const { hostname, port: redisPort } = new URL(redisUrl);
const groups = new Map();
const redis = connect(Number(redisPort), hostname);
let waiting = Buffer.alloc(0);

/** Whether an HS256 token is signed by the secret and has not expired. */
function accepted(token) {
  const [head, body, signature] = token.split(".");
  const expected = createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature ?? "", "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected)
    && JSON.parse(Buffer.from(body, "base64url")).exp > Date.now() / 1000;
}

/** Read one RESP array of bulk strings from `waiting`; undefined while it is incomplete. */
function nextReply() {
  let at = 0;
  const line = () => {
    const end = waiting.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const text = waiting.toString("latin1", at, end);
    at = end + 2;
    return text;
  };
  const first = line();
  if (first === undefined) return undefined;
  const parts = [];
  for (let left = Number(first.slice(1)); left > 0; left -= 1) {
    const head = line();
    if (head === undefined) return undefined;
    if (head[0] === ":") {
      parts.push(head);
      continue;
    }
    const length = Number(head.slice(1));
    if (waiting.length < at + length + 2) return undefined;
    parts.push(waiting.subarray(at, at + length));
    at += length + 2;
  }
  waiting = waiting.subarray(at);
  return parts;
}

redis.on("data", (chunk) => {
  waiting = waiting.length ? Buffer.concat([waiting, chunk]) : chunk;
  for (let parts = nextReply(); parts; parts = nextReply()) {
    if (parts[0].toString() !== "message") continue;
    for (const socket of groups.get(parts[1].toString()) ?? []) socket.send(parts[2], { binary: false });
  }
});

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  const query = new URL(request.url, "http://localhost").searchParams;
  if (!accepted(query.get("token") ?? "")) return socket.close(4401);
  const group = query.get("group");
  if (!groups.has(group)) {
    groups.set(group, new Set());
    redis.write(`*2\r\n$9\r\nSUBSCRIBE\r\n$${group.length}\r\n${group}\r\n`);
  }
  groups.get(group).add(socket);
  socket.on("close", () => groups.get(group).delete(socket));
});
server.listen(Number(port), "127.0.0.1");
