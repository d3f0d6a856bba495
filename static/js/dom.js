// Finding and making elements.

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => document.getElementById(id);

/**
 * @param {string} tag @param {string} className @param {string | number} [text]
 * @returns {HTMLElement}
 */
export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
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
