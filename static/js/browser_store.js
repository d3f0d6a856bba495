// What this browser remembers of the app. Storage can be switched off, or full: then it is forgotten.

/**
 * @param {string} name @returns {string | null} what was remembered
 */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // every visit is the first
  }
}

/**
 * @param {string} name @param {string} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It holds for this visit all the same.
  }
}

/** @param {string} name */
export function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing was remembered.
  }
}

/**
 * @param {string} prefix @returns {string[]} the names that begin so
 */
export function remembered(prefix) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}
