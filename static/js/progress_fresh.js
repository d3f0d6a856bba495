// New figures every ten seconds while the page is looked at; nothing is asked while it is hidden.

import { get } from "./api.js";

const PAUSE = 10_000; // ms

/**
 * @param {object} hooks
 * @param {(figures: object, page: Document | null) => void} hooks.onFigures the first figures, and
 *   each time that they are others: with the page that the server makes of them
 * @param {() => void} hooks.onTick after every look
 */
export function keepFresh({ onFigures, onTick }) {
  let known = null;
  let timer = 0;
  let asking = null;

  const look = async () => {
    asking = new AbortController();
    const { signal } = asking;
    try {
      const figures = await get("progress/data", signal);
      const words = JSON.stringify(figures);
      if (words !== known) {
        const page = known === null ? null : await readPage(signal);
        if (signal.aborted) return;
        known = words;
        onFigures(figures, page);
      }
    } catch {
      // The figures that are shown are still true; the next look may succeed.
    }
    if (signal.aborted) return;
    onTick();
    timer = setTimeout(look, PAUSE);
  };
  const stop = () => {
    clearTimeout(timer);
    asking?.abort();
  };
  document.addEventListener("visibilitychange", () => {
    stop();
    if (!document.hidden) look();
  });
  if (!document.hidden) look();
}

async function readPage(signal) {
  const response = await fetch("progress", { signal });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
