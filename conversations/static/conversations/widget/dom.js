const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with its attributes, listeners (`onclick`) and children; null children are left out.
 *
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  dress(node, properties);
  node.append(...present(children));
  return node;
}

/**
 * @param {string} tag
 * @param {Record<string, any>} properties
 * @param {...Node} children
 */
export function drawing(tag, properties, ...children) {
  const node = document.createElementNS(SVG, tag);
  dress(node, properties);
  node.append(...children);
  return node;
}

/**
 * @param {Element} node
 * @param {Record<string, any>} properties
 */
export function dress(node, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) {
      node.addEventListener(name.slice(2), value);
    } else if (value === false || value === null || value === undefined) {
      node.removeAttribute(name);
    } else if (node.getAttribute(name) !== String(value)) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/** @param {(Node | string | null | undefined | false)[]} children */
function present(children) {
  return /** @type {(Node | string)[]} */ (children.filter(Boolean));
}

/**
 * Change a text only when it differs: a live region speaks at every change.
 *
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/**
 * Make `parent` show these rows in this order, keeping the nodes of those that stay and drawing again only what changed.
 *
 * @template {{key: string, same: unknown[], draw: () => HTMLElement}} Row
 * @param {HTMLElement} parent
 * @param {Row[]} rows
 * @param {Map<string, {node: HTMLElement, same: unknown[]}>} drawn what the parent shows now; changed in place
 */
export function showRows(parent, rows, drawn) {
  const wanted = new Set(rows.map(({ key }) => key));
  for (const [key, { node }] of drawn) {
    if (!wanted.has(key)) {
      node.remove();
      drawn.delete(key);
    }
  }
  /** @type {Element | null} */
  let place = parent.firstElementChild;
  for (const { key, same, draw } of rows) {
    const before = drawn.get(key);
    if (before?.same.every((value, index) => value === same[index])) {
      place = settle(parent, before.node, place);
      continue;
    }
    const node = draw();
    parent.insertBefore(node, place);
    if (before) {
      place = place === before.node ? before.node.nextElementSibling : place;
      succeed(before.node, node);
    }
    drawn.set(key, { node, same });
  }
}

/**
 * A node drawn again does not arrive again, and keeps the focus that the old one had.
 *
 * @param {HTMLElement} before
 * @param {HTMLElement} node
 */
function succeed(before, node) {
  const { activeElement } = /** @type {ShadowRoot | Document} */ (before.getRootNode());
  const focused = before.contains(activeElement);
  node.style.animation = "none";
  before.remove();
  if (focused) {
    node.querySelector("button")?.focus({ preventScroll: true });
  }
}

/**
 * @param {HTMLElement} parent
 * @param {HTMLElement} node
 * @param {Element | null} place
 * @returns {Element | null} the place after it
 */
function settle(parent, node, place) {
  if (node === place) {
    return node.nextElementSibling;
  }
  parent.insertBefore(node, place);
  return place;
}

/**
 * Text with its web and mail addresses as links. Anything else, `javascript:` included, stays text.
 *
 * @param {string} text
 */
export function linked(text) {
  const pieces = text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])/);
  return pieces.map((piece, index) =>
    index % 2 ? element("a", { href: piece, target: "_blank", rel: "noopener noreferrer nofollow" }, piece) : piece,
  );
}
