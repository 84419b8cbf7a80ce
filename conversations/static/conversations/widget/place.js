const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
const PHONE = "(max-width: 479px)";
const READABLE = 4.5;

/**
 * Give the widget its accent, with the ink that can be read on it.
 *
 * @param {HTMLElement} host
 * @param {string} accent `#rgb` or `#rrggbb`; anything else leaves our own
 */
export function paint(host, accent) {
  if (HEX.test(accent)) {
    host.style.setProperty("--accent", accent);
    host.style.setProperty("--on-accent", inkOn(accent));
  }
}

/**
 * White where it can be read, else near black.
 *
 * @param {string} colour
 */
export function inkOn(colour) {
  const digits = colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join("") : colour.slice(1);
  const [red, green, blue] = [0, 2, 4].map((start) =>
    linear(Number.parseInt(digits.slice(start, start + 2), 16) / 255),
  );
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= READABLE ? "#fff" : "#10191c";
}

/** @param {number} channel sRGB, 0 to 1 */
function linear(channel) {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

/**
 * Stay above what the page keeps at its lower edge: `bottom` pixels, and an element such as its cookie bar for as long as
 * that is shown, also one that comes later.
 *
 * @param {HTMLElement} host
 * @param {number} bottom
 * @param {string | undefined} avoid a CSS selector
 */
export function keepClear(host, bottom, avoid) {
  /** @type {Element | null} */
  let bar = null;
  const place = () => host.style.setProperty("--bottom", `${bottom + heightAtEdge(bar)}px`);
  const sizes = new ResizeObserver(place);
  const look = () => {
    const found = avoid ? document.querySelector(avoid) : null;
    if (found && found !== bar) {
      sizes.observe(found);
    }
    bar = found;
    place();
  };
  look();
  if (avoid) {
    new MutationObserver(look).observe(document.body, { childList: true });
  }
}

/** @param {Element | null} bar */
function heightAtEdge(bar) {
  const box = bar?.getBoundingClientRect();
  return box?.height ? Math.max(0, innerHeight - box.top) : 0;
}

/**
 * On a phone the panel fills what the keyboard leaves of the screen.
 *
 * @param {HTMLElement} host
 */
export function stayVisible(host) {
  const view = window.visualViewport;
  view?.addEventListener("resize", () => {
    host.style.setProperty("--height", matchMedia(PHONE).matches ? `${view.height}px` : null);
  });
}
