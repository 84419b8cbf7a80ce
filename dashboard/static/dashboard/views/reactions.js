/** Reactions: those that a message has, and the small set to choose from. */

import { react } from "../actions.js";
import { me } from "../app.js";
import { openMenu } from "../menus.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { fill } from "../words.js";
import { dismiss } from "./menu.js";
import { agentOf } from "./parts.js";

/** @typedef {import("../types.d.ts").Message} Message */

const SET = "👍 ❤️ 😂 😮 😢 🙏 👏 🎉 🔥 💯 ✅ 👀 😊 😍 🤔 😅 🙌 💪 🤝 👋 😉 😕 😡 👎".split(" ");

/** @param {Message} message */
export function reactions(message) {
  if (!message.reactions.length) return nothing;
  /** @type {Map<string, import("../types.d.ts").Reaction[]>} */
  const groups = new Map();
  for (const one of message.reactions) groups.set(one.reaction, [...(groups.get(one.reaction) ?? []), one]);
  return html`<div class="reactions">${[...groups].map(([emoji, all]) => chip(message, emoji, all))}</div>`;
}

/** @param {Message} message @param {string} emoji @param {import("../types.d.ts").Reaction[]} all */
function chip(message, emoji, all) {
  const mine = all.some((one) => one.user_id === me().id);
  const names = all
    .map((one) => (one.user_id === null ? gettext("Customer") : (agentOf(one.user_id)?.name ?? "")))
    .join(", ");
  const label = fill(gettext("%(emoji)s by %(names)s"), { emoji, names });
  return html`<button type="button" class="reaction" aria-pressed=${mine} aria-label=${label} title=${names} @click=${() => react(message, emoji)}>
    <span>${emoji}</span>${all.length > 1 ? html`<b>${all.length}</b>` : nothing}
  </button>`;
}

/** @param {Message} message @param {EventTarget | null} anchor */
export function pickReaction(message, anchor) {
  openMenu(anchor, gettext("React"), () => [], { body: () => grid((emoji) => react(message, emoji)) });
}

/** @param {EventTarget | null} anchor @param {(emoji: string) => void} take */
export function pickEmoji(anchor, take) {
  openMenu(anchor, gettext("Emoji"), () => [], { body: () => grid(take) });
}

/** @param {(emoji: string) => void} take */
function grid(take) {
  return html`<div class="emoji-grid" @keydown=${arrows}>
    ${SET.map(
      (emoji) =>
        html`<button type="button" @click=${() => {
          dismiss();
          take(emoji);
        }}>${emoji}</button>`,
    )}
  </div>`;
}

/** @param {KeyboardEvent} event */
function arrows(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [.../** @type {HTMLElement} */ (event.currentTarget).querySelectorAll("button")];
  const at = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  all[Math.max(0, Math.min(all.length - 1, at + step))].focus();
}
