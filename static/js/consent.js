// The visitor's consent: a tick, remembered in this browser, without which nothing is stored.
//
// What is remembered is the name of what was agreed to (`data-terms` of the box): where a page asks
// for something else, as for drawings that are shown to everybody, it has no tick to begin with.

import { announce } from "./announce.js";

const STORE = "inkling.consent";

/** @returns the view of the consent checkbox */
export function createConsent() {
  const box = document.getElementById("consent-box");
  const tick = document.getElementById("consent");
  const hint = document.getElementById("consent-hint");
  tick.checked = recall(STORE) === box.dataset.terms;

  const explain = (text) => {
    hint.textContent = text;
    box.toggleAttribute("data-wanted", text !== "");
  };
  tick.addEventListener("change", () => {
    remember(STORE, tick.checked ? box.dataset.terms : "no");
    explain("");
  });
  return {
    /** @returns {boolean} */
    get given() {
      return tick.checked;
    },
    /** Take an explanation away again. */
    quiet() {
      explain("");
    },
    /**
     * Explain that a tick is needed, and go there.
     * @param {string} button what to press afterwards
     */
    ask(button) {
      explain(`Tick the box first, then press ${button}.`);
      announce(hint.textContent);
      tick.focus({ preventScroll: true });
      box.scrollIntoView({ block: "nearest" });
    },
  };
}

/**
 * @param {string} name @returns {string | null} what this browser remembers
 */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // storage can be switched off: then every visit is the first
  }
}

/**
 * @param {string} name @param {string} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Switched off or full: it holds for this visit all the same.
  }
}
