/** The customer's phone of the demo: shows what the simulated WhatsApp shows, and sends what is written on it. */

/**
 * @typedef {object} Shown  something that happened on the phone
 * @property {number} number
 * @property {number} at  seconds
 * @property {"message" | "said" | "status" | "reaction" | "typing" | "seen" | "session"} event
 * @property {string} [to]  the customer's number
 * @property {string} [id]
 * @property {string | {body: string}} [text]
 * @property {string} [type]
 * @property {string} [media]
 * @property {string} [session]  the shop's phone at the gateway, and how it stands
 * @property {"close" | "connecting" | "qr" | "open"} [state]
 * @property {string} [status]
 * @property {string} [emoji]
 * @property {string} [message_id]
 * @property {{title: string, id: string}[]} [buttons]
 * @property {any} [interactive]
 */

const TYPING_MS = 25_000;
const RETRY_MS = 2_000;
const phone = document.querySelector(".phone");

if (phone instanceof HTMLElement) run(phone);

/** @param {HTMLElement} page */
function run(page) {
  const words = page.dataset;
  const chat = /** @type {HTMLOListElement} */ (page.querySelector(".chat"));
  const state = /** @type {HTMLElement} */ (page.querySelector(".state"));
  const who = /** @type {HTMLSelectElement} */ (page.querySelector("select"));
  const text = /** @type {HTMLInputElement} */ (page.querySelector(".text"));
  const file = /** @type {HTMLInputElement} */ (page.querySelector("input[type=file]"));
  const line = /** @type {HTMLSelectElement | null} */ (page.querySelector(".line select"));
  const scan = /** @type {HTMLButtonElement | null} */ (page.querySelector(".scan"));
  const parted = /** @type {HTMLElement | null} */ (page.querySelector(".parted"));
  /** @type {Shown[]} */
  let all = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;

  who.value = sessionStorage.getItem("phone:who") ?? who.value;
  who.addEventListener("change", () => {
    sessionStorage.setItem("phone:who", who.value);
    draw();
  });
  page.querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = text.value.trim();
    if (body) say({ type: "text", text: { body } });
    text.value = "";
  });
  file.addEventListener("change", () => sendFile());
  if (line) line.value = sessionStorage.getItem("phone:line") ?? line.value;
  line?.addEventListener("change", () => {
    sessionStorage.setItem("phone:line", line.value);
    all = [];
    draw();
    follow();
  });
  scan?.addEventListener("click", () => command("scan", { session: shopsPhone()?.session }));
  document.addEventListener("visibilitychange", () => readAll());
  follow();

  /** Where the provider is on whose line the customer writes now. */
  function provider() {
    return (byGateway() ? words.gateway : words.simulator) ?? "";
  }

  function byGateway() {
    return line?.value === "gateway";
  }

  /** The shop's phone at the gateway, as it stands now. */
  function shopsPhone() {
    return all.findLast(({ event }) => event === "session");
  }

  async function follow() {
    const heard = all;
    try {
      const answer = await fetch(`${provider()}/_sim/shown?after=${heard.length}`);
      const { shown } = await answer.json();
      if (heard !== all) return;
      all.push(...shown);
      for (const one of shown) note(one);
      if (shown.length) draw();
      if (state.textContent === words.lost) state.textContent = words.online ?? "";
      follow();
    } catch {
      if (heard !== all) return;
      state.textContent = words.lost ?? "";
      setTimeout(() => heard === all && follow(), RETRY_MS);
    }
  }

  /** Who writes is told for a while only. @param {Shown} one */
  function note({ event }) {
    if (event !== "typing" && event !== "message") return;
    clearTimeout(silence);
    state.textContent = (event === "typing" ? words.typing : words.online) ?? "";
    silence = setTimeout(() => {
      state.textContent = words.online ?? "";
    }, TYPING_MS);
  }

  /** The conversation of whoever holds the phone now. */
  function draw() {
    const lines = all.filter(({ event, to }) => to === who.value && (event === "message" || event === "said"));
    chat.replaceChildren(...lines.filter((one) => one.type !== "reaction").map(bubble));
    chat.scrollTop = chat.scrollHeight;
    drawShop();
    readAll();
  }

  /** Whether the shop's phone waits for its code to be scanned, or is not there at all. */
  function drawShop() {
    if (!scan || !parted) return;
    const stands = shopsPhone()?.state;
    scan.hidden = !byGateway() || stands !== "qr";
    parted.hidden = !byGateway() || stands === "qr" || stands === "open";
  }

  /** @param {Shown} one */
  function bubble(one) {
    const line = document.createElement("li");
    const mine = one.event === "said";
    line.toggleAttribute("data-mine", mine);
    line.append(...media(one), said(one));
    const emoji = all.findLast(({ event, message_id }) => event === "reaction" && message_id === one.id)?.emoji;
    if (emoji) line.append(Object.assign(document.createElement("span"), { className: "emoji", textContent: emoji }));
    line.append(foot(one, mine), ...(one.buttons ?? []).map((button) => choice(one, button)));
    return line;
  }

  /** @param {Shown} one */
  function said(one) {
    const own = typeof one.text === "object" ? one.text?.body : one.text;
    return own || one.interactive?.button_reply?.title || "";
  }

  /** @param {Shown} one @returns {Node[]} */
  function media(one) {
    if (!one.media && (one.type === "image" || one.type === "document"))
      return [document.createTextNode(one.type === "image" ? (words.photo ?? "") : (words.file ?? ""))];
    if (!one.media) return [];
    const address = `${provider()}${one.media}`;
    if (one.type === "image") return [Object.assign(document.createElement("img"), { src: address, alt: words.photo })];
    const link = Object.assign(document.createElement("a"), {
      href: address,
      textContent: words.file,
      target: "_blank",
    });
    return [link];
  }

  /** @param {Shown} one @param {boolean} mine */
  function foot(one, mine) {
    const small = document.createElement("small");
    const at = new Date(one.at * 1000).toLocaleTimeString(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
    });
    small.append(at);
    const seen = one.number <= seenUpTo();
    if (mine) {
      small.dataset.status = seen ? "read" : "sent";
      const ticks = document.createElement("b");
      ticks.textContent = seen ? " ✓✓" : " ✓";
      ticks.title = (seen ? words.read : words.sent) ?? "";
      small.append(ticks);
    }
    return small;
  }

  /** The business marks the newest that it has read; what came before is read too. */
  function seenUpTo() {
    const marked = new Set(all.filter(({ event }) => event === "seen" || event === "typing").map(({ id }) => id));
    return Math.max(
      0,
      ...all
        .filter(({ event, id, to }) => event === "said" && to === who.value && marked.has(id))
        .map(({ number }) => number),
    );
  }

  /** @param {Shown} one @param {{title: string, id: string}} button */
  function choice(one, button) {
    const press = document.createElement("button");
    press.type = "button";
    press.textContent = button.title;
    press.addEventListener("click", () =>
      say({
        type: "interactive",
        interactive: { type: "button_reply", button_reply: button },
        context: { id: one.id },
      }),
    );
    return press;
  }

  /** What is on the screen is read. */
  function readAll() {
    if (document.hidden) return;
    const read = new Set(
      all.filter(({ event, status }) => event === "status" && status === "read").map(({ id }) => id),
    );
    for (const { event, to, id } of all)
      if (event === "message" && to === who.value && !read.has(id)) {
        read.add(id);
        command("report", { id, to, status: "read" });
      }
  }

  /** @param {any} message @param {any} [more] */
  function say(message, more = {}) {
    const name = who.selectedOptions[0].textContent;
    const kind = message.type === "text" ? "" : message.type;
    const given = { phone: who.value, who: name, text: message.text?.body ?? "", kind, ...more };
    if (byGateway()) return command("say", given);
    return command("say", { phone: who.value, name, message, ...more });
  }

  /** @param {string} name @param {any} body */
  async function command(name, body) {
    await fetch(`${provider()}/_sim/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }).catch(() => {
      state.textContent = words.lost ?? "";
    });
  }

  async function sendFile() {
    const chosen = file.files?.[0];
    if (!chosen) return;
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    const data = btoa(bytes.reduce((said, byte) => said + String.fromCharCode(byte), ""));
    const type = chosen.type.startsWith("image/") ? "image" : "document";
    await say({ type, [type]: type === "document" ? { filename: chosen.name } : {} }, { data, mime_type: chosen.type });
    file.value = "";
  }
}
