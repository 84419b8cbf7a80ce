/**
 * The icons, brought into the document: a picture that is fetched when it is first needed would be missing just when the
 * network is.
 */
export async function bringIcons() {
  const answer = await fetch(document.documentElement.dataset.icons ?? "");
  const drawing = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  drawing.setAttribute("hidden", "");
  document.body.prepend(document.importNode(drawing, true));
}
