/** The shop's cookie bar: shown until it was answered in this tab. */
const bar = document.querySelector("#cookies");
const ANSWERED = "aurora:cookies";

if (bar instanceof HTMLElement) {
  bar.hidden = sessionStorage.getItem(ANSWERED) !== null;
  bar.querySelector("button")?.addEventListener("click", () => {
    sessionStorage.setItem(ANSWERED, "1");
    bar.hidden = true;
  });
}
