// A socket.io-client driven by lines: orders come in on stdin, what happens goes out on stdout, as JSON.
// node client.mjs URL OPTIONS
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, options] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const socket = io(url, { reconnectionDelay: 100, reconnectionDelayMax: 300, ...JSON.parse(options) });

socket.on("connect", () =>
  say({ is: "connect", id: socket.id, transport: socket.io.engine.transport.name, recovered: socket.recovered }),
);
socket.on("connect_error", (error) => say({ is: "connect_error", message: error.message, data: error.data ?? null }));
socket.on("disconnect", (reason) => say({ is: "disconnect", reason }));
socket.onAny((event, ...given) => say({ is: event, data: given[0] ?? null, more: given.length - 1 }));
socket.io.on("reconnect_attempt", (count) => say({ is: "reconnect_attempt", count }));
socket.io.on("open", () =>
  socket.io.engine.on("upgrade", (transport) => say({ is: "upgrade", transport: transport.name })),
);

const orders = {
  ready: () => say({ is: "ready" }),
  emit: ({ event, given, ack }) =>
    ack ? socket.emit(event, ...given, (data) => say({ is: "ack", data })) : socket.emit(event, ...given),
  drop: () => socket.io.engine.close(),
  lose: () => socket.io.engine.transport.ws?.terminate?.(),
  token: ({ token }) => {
    socket.auth = { token };
  },
  connect: () => socket.connect(),
  disconnect: () => socket.disconnect(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  orders[order.do](order);
}
socket.close();
process.exit(0);
