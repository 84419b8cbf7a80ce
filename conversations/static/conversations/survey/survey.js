/**
 * A click on a face already counts: it is sent at once, and the words, if any come, by the form. Without this script the
 * form alone does everything.
 */
const form = document.querySelector("form[data-answers]");
const PATIENCE_MS = 10_000;
/** The answers that are on their way, one after another: of two at once the older could come last. */
let sending = Promise.resolve();
let isSending = 0;

/** @param {Event} event */
function answerAtOnce({ target }) {
  if (form instanceof HTMLFormElement && target instanceof HTMLInputElement && target.name === "rating") {
    const feedback = new FormData(form).get("feedback");
    const answer = JSON.stringify({ rating: Number(target.value), feedback });
    isSending += 1;
    sending = sending
      .then(() => send(String(form.dataset.answers), answer))
      .then(() => {
        isSending -= 1;
      });
  }
}

/** @param {string} address @param {string} body */
async function send(address, body) {
  const headers = { "Content-Type": "application/json" };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  await fetch(address, { method: "POST", headers, body, keepalive: true, signal }).catch(() => {
    // The form is still there, and says so if it fails too.
  });
}

/** The form's answer is the last word: it goes when the clicks have arrived. @param {Event} event */
function submitLast(event) {
  if (form instanceof HTMLFormElement && isSending) {
    event.preventDefault();
    sending.then(() => form.submit());
  }
}

form?.addEventListener("change", answerAtOnce);
form?.addEventListener("submit", submitLast);
