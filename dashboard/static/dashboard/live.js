/** The snapshot, the feed and the state, joined: what makes the page follow. */
import { exponential, NioChatClient } from "../niochat-client/index.js";
import { api } from "./api.js";
import { current, follow, me, ready, stamp, touch, ui, update } from "./app.js";
import { loadMore } from "./lists.js";
import { announce } from "./notices.js";
import { noteNumbers } from "./numbers.js";
import { flush } from "./outbox.js";
import { addPerson, people } from "./people.js";
import { hear } from "./resource.js";
import { hearPhone } from "./sessions.js";
import { apply, fromSnapshot } from "./store.js";
import { loadThread } from "./threads.js";

const POLL_MS = 30_000;
const TYPING_EXPIRES_MS = 8_000;
const AGAIN_MS = 1_000;
const UNAUTHENTICATED = 4401;
/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const expiries = new Map();

export const feed = new NioChatClient({
  snapshot: refresh,
  // Full jitter: a company's whole team comes back at the same time.
  reconnect: { delayMs: exponential(1_000, 15_000), jitter: 1, attempts: Number.POSITIVE_INFINITY },
});
feed.on("*", heard);
feed.on("state", connectionChanged);

/** Load the first state and follow from there. */
export async function begin() {
  feed.place(await refresh());
  feed.connect();
  setInterval(
    () =>
      feed.state !== "connected" &&
      refresh().then(
        (position) => feed.place(position),
        () => {},
      ),
    POLL_MS,
  );
}

/** Replace the state by the server's, the open conversation included, and say where it stands. */
async function refresh() {
  const snapshot = await api.get("snapshot");
  const kept = ready() ? current() : null;
  update(() => ({
    ...fromSnapshot(snapshot),
    ratings: kept?.ratings ?? [],
    audit: kept?.audit ?? [],
    online: kept?.online ?? {},
  }));
  ui.lists = {};
  if (kept && ui.route.page === "inbox") loadMore();
  if (kept && ui.route.page === "inbox" && ui.route.id) {
    const id = ui.route.id;
    const known = kept.messages[id];
    if (known) update((state) => ({ ...state, messages: { [id]: known } }));
    loadThread(id);
  }
  return { epoch: snapshot.epoch, cursors: snapshot.cursors };
}

/** @param {import("./types.d.ts").Frame} frame */
function heard(frame) {
  const { data } = frame;
  stamp("messages", data.message?.id, data.message_id);
  if (frame.type === "conversation_updated") stamp("conversations", data.id);
  if (frame.type === "csat_update") stamp("conversations", data.conversation_id);
  if (frame.type === "typing") expire(data);
  if (frame.type === "contact_created" && people.begun && !people.search) addPerson(data);
  announce(frame);
  hearPhone(frame);
  noteNumbers(frame);
  hear(frame);
  follow((state) => apply(state, frame));
}

/** Nobody types for ever: without another sign the dots go. @param {any} data */
function expire(data) {
  const key = `${data.conversation_id}/${data.user_id}`;
  clearTimeout(expiries.get(key));
  expiries.delete(key);
  if (!data.is_typing) return;
  const stopped = { type: "typing", data: { ...data, is_typing: false } };
  const stop = () => {
    expiries.delete(key);
    update((state) => apply(state, stopped));
  };
  expiries.set(key, setTimeout(stop, TYPING_EXPIRES_MS));
}

/** @param {import("./app.js").Link} link */
function connectionChanged(link) {
  ui.connection = link;
  touch();
  if (link.state === "connected") flush();
  if (link.state === "error" && link.code === UNAUTHENTICATED) api.get("auth/me").then(comeBack, () => {});
}

/** The cookie may be somebody else's by now, who logged in beside this page. @param {import("./types.d.ts").State["user"]} user */
function comeBack({ id, tenant_id }) {
  if (id === me().id && tenant_id === me().tenant_id) setTimeout(() => feed.connect(), AGAIN_MS);
  else location.reload();
}
