import { element } from "./dom.js";

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;

/**
 * Nobody is here: say so, and take an address to answer to.
 *
 * @param {import("./chat.js").Chat} chat
 * @param {import("./words.js").Language} language
 * @returns {HTMLElement}
 */
export function awayNotice(chat, language) {
  const problem = element("p", { class: "problem", role: "alert", id: "email-problem", hidden: true });
  const label = language.say("email");
  const input = element("input", {
    type: "email",
    autocomplete: "email",
    required: true,
    "aria-label": label,
    placeholder: label,
    "aria-describedby": "email-problem",
  });
  const say = (/** @type {string} */ words) => {
    problem.textContent = words;
    problem.hidden = !words;
  };
  const onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const email = input.value.trim();
    if (!ADDRESS.test(email)) {
      say(language.say("bad_email"));
      return;
    }
    await chat.leaveEmail(email).catch(({ status }) => say(language.say(status === 422 ? "bad_email" : "unavailable")));
  };
  const button = element("button", { type: "submit", class: "primary" }, language.say("save"));
  return element(
    "form",
    { class: "card notice", onsubmit, novalidate: true },
    element("p", {}, chat.config.offline || language.say("leave_email")),
    element("div", { class: "row" }, input, button),
    problem,
  );
}
