// A plain script in the head, so that the page is never painted in the wrong theme first.
(() => {
  try {
    const { theme } = JSON.parse(localStorage.getItem("niochat.prefs") ?? "{}");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // A broken preference is no preference.
  }
})();
