// The visitor's last drawing, remembered in this tab alone, for the page that tells how it works.

const NAME = "inkling.last";

/** @typedef {{image: string, words?: string}} Last a picture, and what a label has changed, in words */

/** @param {Last} last */
export function rememberLast(last) {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(last));
  } catch {
    // Storage is switched off: that page shows another drawing.
  }
}

/** @returns {Last | null} */
export function lastDrawing() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME));
  } catch {
    return null;
  }
}
