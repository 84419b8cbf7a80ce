/** Filters that are searched in: whatever is chosen narrows the list at once, nothing chosen asks for nothing. */
const { jQuery: $ } = /** @type {any} */ (window).django;

$(() => {
  $(".searched-filter select").on("change", (/** @type {{target: HTMLSelectElement}} */ { target }) => {
    target.disabled = target.value === "";
    target.form?.submit();
  });
});
