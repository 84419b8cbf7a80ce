// A plain client on Node's `ws`: `node client.mjs URL FRAME…` sends the frames once it is open, prints each frame that
// comes as a line, and how the server closed as the last one. It ends when its standard input does.
import WebSocket from "ws";

const [url, ...frames] = process.argv.slice(2);
const socket = new WebSocket(url);
socket.on("open", () => {
  for (const frame of frames) socket.send(frame);
});
socket.on("message", (text) => console.log(text.toString()));
socket.on("close", (code) => {
  console.log(JSON.stringify({ type: "closed", code }));
  process.exit(0);
});
socket.on("error", (problem) => console.error(problem.message));
process.stdin.on("end", () => socket.close(1000)).resume();
