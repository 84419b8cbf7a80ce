/** Small pieces that every page is made of. */

import { current, ready } from "../app.js";
import { full, short } from "../time.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { linked } from "../words.js";

/** @param {string} name @param {string} [title] said by screen readers; without it the icon is decoration */
export function icon(name, title = "") {
  return html`<svg class="icon" aria-hidden=${title ? "false" : "true"} role=${title ? "img" : "presentation"}
    aria-label=${title || nothing}><use href="#i-${name}"></use></svg>`;
}

export const CHANNEL_ICONS = {
  webchat: "globe",
  whatsapp: "phone",
  whatsapp_qr: "qr-code",
  telegram: "bot",
  api: "code",
  email: "mail",
};

/** @param {string} channel */
export function channelName(channel) {
  const names = {
    webchat: gettext("Web chat"),
    whatsapp: "WhatsApp",
    whatsapp_qr: "WhatsApp",
    telegram: "Telegram",
    api: "API",
    email: gettext("E-mail"),
  };
  return names[/** @type {keyof typeof names} */ (channel)] ?? channel;
}

/** @param {string} status */
export function presenceName(status) {
  const names = {
    online: gettext("online"),
    away: gettext("away"),
    busy: gettext("busy"),
    offline: gettext("offline"),
  };
  return names[/** @type {keyof typeof names} */ (status)] ?? status;
}

/** First letters of the first and the last word. @param {string} name */
function initials(name) {
  const words = name
    .replace(/[^\p{L}\p{N} ]/gu, " ")
    .trim()
    .split(/\s+/);
  const letters =
    words.length > 1
      ? [words[0], words.at(-1) ?? ""].map((word) => [...word][0]).join("")
      : [...(words[0] ?? "")].slice(0, 2).join("");
  return /\p{L}/u.test(letters) ? letters.toUpperCase() : "";
}

/**
 * @param {{id: number | null, name: string, avatar_url?: string}} person
 * @param {{size?: 16 | 20 | 24 | 28 | 36 | 56, presence?: string, channel?: string}} [look]
 */
export function avatar(person, { size = 36, presence, channel } = {}) {
  const face = person.avatar_url
    ? html`<img src=${person.avatar_url} alt="" width=${size} height=${size} loading="lazy" />`
    : html`<span>${initials(person.name) || icon("user")}</span>`;
  return html`<span class="avatar" data-size=${size} data-tint=${(person.id ?? 0) % 8} aria-hidden="true">
    ${face}
    ${channel ? html`<i class="avatar-channel">${icon(CHANNEL_ICONS[/** @type {keyof typeof CHANNEL_ICONS} */ (channel)] ?? "message-circle")}</i>` : nothing}
    ${presence ? html`<i class="presence" data-status=${presence}></i>` : nothing}
  </span>`;
}

/** Of customers only one who is here shows it: nobody knows of a phone whether it is looked at. @param {number} contact */
export const presenceOf = (contact) => (current().online[contact] ? "online" : undefined);

/** The same in words, for whoever does not see the dot. @param {number} contact */
export const isHere = (contact) =>
  current().online[contact] ? html`<span class="visually-hidden">, ${pgettext("customer", "online")}</span>` : nothing;

/** @param {number | null} id */
export function agentOf(id) {
  return ready() && id !== null ? current().agents.find((agent) => agent.id === id) : undefined;
}

/** Colleagues as far as they stand on what they wrote: who comes and goes is none of that. @type {WeakMap<object, string>} */
const named = new WeakMap();

/** Alike as long as nobody is called otherwise. */
export function namesOfAgents() {
  const { agents } = current();
  const known = named.get(agents) ?? agents.map(({ id, name, avatar_url }) => `${id} ${name} ${avatar_url}`).join();
  named.set(agents, known);
  return known;
}

/** A time, short, with the whole of it on hover. @param {string} moment */
export const when = (moment) => html`<time datetime=${moment} title=${full(moment)}>${short(moment)}</time>`;

/** Text with its links, and nothing else, alive. @param {string} text */
export function prose(text) {
  return guard([text], () =>
    linked(text).map((piece) =>
      piece.href
        ? html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`
        : piece.text,
    ),
  );
}

/**
 * @param {string} iconName
 * @param {string} label
 * @param {(event: Event) => void} run
 * @param {{pressed?: boolean, keys?: string, disabled?: boolean, tip?: "above" | "right" | "left"}} [more]
 */
export function iconButton(iconName, label, run, { pressed, keys, disabled = false, tip } = {}) {
  return html`<button type="button" class="icon-button" aria-label=${label} aria-pressed=${pressed ?? nothing}
    aria-keyshortcuts=${keys ?? nothing} data-tip=${keys ? `${label}  ${keys.toUpperCase()}` : label} data-tip-at=${tip ?? nothing}
    ?disabled=${disabled} @click=${run}>${icon(iconName)}</button>`;
}

/** Says what will appear here and offers the one next step. @param {string} iconName @param {string} title @param {any} text @param {any} [step] */
export function empty(iconName, title, text, step = nothing) {
  return html`<div class="empty">${icon(iconName)}<h2>${title}</h2><p>${text}</p>${step}</div>`;
}

/** @param {string} what @param {() => void} again */
export function trouble(what, again) {
  return html`<div class="trouble" role="alert">
    ${icon("circle-alert")}<p>${what}</p>
    <button type="button" class="button" @click=${again}>${gettext("Try again")}</button>
  </div>`;
}

/** A label's own colour. Set through the object model: the page's policy allows no style attributes. @param {string} name */
export function dot(name) {
  const colour = current().labels.find((label) => label.name === name)?.colour ?? "";
  const style = /^#[0-9a-f]{6}$/i.test(colour) ? `--dot: ${colour}` : "";
  return html`<i class="dot" .style=${style} title=${name}></i>`;
}

/** Five faces, drawn here. @param {number} rating */
export function face(rating) {
  return html`<svg class="face" data-rating=${rating} viewBox="0 0 20 20" role="img" aria-label=${`${rating}/5`}>
    <circle cx="10" cy="10" r="8.25" /><path d="M7 7.6v.9M13 7.6v.9" /><path d=${MOUTHS[rating - 1]} />
  </svg>`;
}

const MOUTHS = [
  "M6.4 14.2Q10 10.2 13.6 14.2",
  "M7 13.4Q10 11.6 13 13.4",
  "M7 12.8H13",
  "M6.8 12Q10 14.6 13.2 12",
  "M6.2 11.4Q10 17 13.8 11.4Z",
];
