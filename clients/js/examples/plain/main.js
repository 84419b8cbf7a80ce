/** No framework and no build: the page draws what the list of conversations says, whenever it changes. */
import { login, NioChatClient } from "niochat-client";
import { Conversations } from "niochat-client/conversations";
import { FILTERS, STATES, server } from "../shared/words.js";
import { drawList, drawThread, find } from "./draw.js";

find("#status").append(...FILTERS.map(([status, label]) => new Option(label, status)));

find("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { username, password } = Object.fromEntries(new FormData(event.target));
  try {
    open(await login(server(), { username, password }));
  } catch (refusal) {
    find("#login [role=alert]").textContent = refusal.message;
  }
});

/** @param {{token: string, getToken: () => Promise<string>}} session */
function open(session) {
  const client = new NioChatClient({ url: server(), ...session });
  const list = new Conversations(client);
  const draw = () => {
    find(".state").textContent = STATES[client.state];
    find(".state").dataset.state = client.state;
    drawList(list);
    drawThread(list.state);
  };
  list.subscribe(draw);
  list.hold();
  client.connect();
  listen(list);
  find("#login").hidden = true;
  find("#desk").hidden = false;
  draw();
}

/** @param {Conversations} list */
function listen(list) {
  const composer = find(".composer");
  const field = find("textarea");
  find("#search").addEventListener("input", ({ target }) => list.setSearchTerm(target.value));
  find("#status").addEventListener("change", ({ target }) => list.setStatusFilter(target.value));
  find("#retry").addEventListener("click", list.retry);
  field.addEventListener("input", () => list.sendTyping());
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    composer.requestSubmit();
  });
  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    list.sendMessage(field.value);
    field.value = "";
  });
}
