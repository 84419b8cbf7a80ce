/** What only this browser knows: theme, sounds, notices. */

import { touch } from "../app.js";
import { prefer, prefs } from "../prefs.js";
import { sound } from "../sound.js";
import { say } from "../toasts.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { choice } from "./forms.js";

export function device() {
  const themes = { auto: gettext("As the system"), light: gettext("Light"), dark: gettext("Dark") };
  return html`<h2>${gettext("This device")}</h2>
    <p>${gettext("Kept in this browser only.")}</p>
    <section class="group"><h3>${gettext("Theme")}</h3>
      <div class="segments theme-choice" role="group" aria-label=${gettext("Theme")}>
        ${Object.entries(themes).map(([theme, name]) => html`<button type="button" aria-pressed=${prefs.theme === theme} @click=${() => set({ theme: /** @type {"auto"} */ (theme) })}>${name}</button>`)}
      </div></section>
    <section class="group"><h3>${gettext("Attention")}</h3><div class="rows">
      ${choice(gettext("Sounds"), gettext("A short tone for a message, two for a new conversation."), prefs.sound, sounds)}
      ${choice(gettext("Notices of the system"), gettext("When the window is in the background."), prefs.notices, notices)}
    </div></section>`;
}

/** @param {Partial<import("../prefs.js").Prefs>} change */
function set(change) {
  prefer(change);
  touch();
}

function sounds() {
  set({ sound: !prefs.sound });
  if (prefs.sound) sound("arrival");
}

async function notices() {
  if (prefs.notices) return set({ notices: false });
  const answer = typeof Notification === "undefined" ? "denied" : await Notification.requestPermission();
  if (answer !== "granted") return say(gettext("Your browser does not allow notices for this page."), { bad: true });
  return set({ notices: true });
}
