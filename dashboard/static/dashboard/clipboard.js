/** The clipboard, which browsers give to pages with TLS only: everywhere else there is an older way. */
import { say } from "./toasts.js";

/** Copy, and say whether that worked. @param {string} text */
export async function copy(text) {
  const done = navigator.clipboard
    ? await navigator.clipboard.writeText(text).then(yes, () => byHand(text))
    : byHand(text);
  if (done) say(gettext("Copied"));
  else say(gettext("Your browser does not let this page copy. Select the text, and press Ctrl+C."), { bad: true });
}

const yes = () => true;

/** Through a field that nobody sees, beside what has the focus: a dialog lets nothing outside of it be selected. @param {string} text */
function byHand(text) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.setAttribute("aria-hidden", "true");
  field.value = text;
  (before?.closest("dialog, [popover]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  return done;
}
