// Finding and making elements.

/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind] which it is, where it is more than an element
 * @returns {Kind}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (kind && !(found instanceof kind)) throw new TypeError(`#${id} is no ${kind.name}.`);
  return /** @type {Kind} */ (found);
}

/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {ParentNode} root @param {string} selector
 * @param {new () => Kind} [kind] which they are, where they are more than elements
 * @returns {Kind[]}
 */
export const all = (root, selector, kind) =>
  /** @type {Kind[]} */ ([...root.querySelectorAll(selector)].filter((found) => !kind || found instanceof kind));

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} className @param {string | number} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = String(text);
  return element;
}

/**
 * The models as the server's table of networks has them: each network's original, then its
 * retrained one.
 * @returns {{key: string, network: string, kind: string, title: string}[]}
 */
export const models = () => document.body.dataset.models.split(";").map((model) => {
  const [key, network, kind, ...title] = model.split(" ");
  return { key, network, kind, title: title.join(" ") };
});
