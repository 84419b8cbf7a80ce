/**
 * A click on a face already counts: it is sent at once, and the words, if any come, by the form. Without this script the
 * form alone does everything.
 */
const form = document.querySelector("form[data-answers]");

/** @param {Event} event */
function answerAtOnce({ target }) {
  if (form instanceof HTMLFormElement && target instanceof HTMLInputElement && target.name === "rating") {
    const feedback = new FormData(form).get("feedback");
    fetch(String(form.dataset.answers), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ rating: Number(target.value), feedback }),
      keepalive: true,
    }).catch(() => {
      // The form is still there, and says so if it fails too.
    });
  }
}

form?.addEventListener("change", answerAtOnce);
