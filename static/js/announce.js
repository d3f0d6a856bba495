// What screen readers say: one polite live region for the whole page.

import { byId } from "./dom.js";

/**
 * Have a sentence read out.
 * @param {string} words
 */
export function announce(words) {
  const region = byId("announcer");
  // The same sentence twice would be read once: an added no-break space makes it a new one.
  region.textContent = region.textContent === words ? `${words}\u00a0` : words;
}
