// New figures every ten seconds while the page is looked at; nothing is asked while it is hidden.

import { get } from "./api.js";

const PAUSE = 10_000; // ms

/** A name of figures: no label and no version comes or goes without another one. */
const nameOf = ({ labels, no_digits, rejected, version }) => [labels, no_digits, rejected, version].join(" ");

/**
 * @param {object} hooks
 * @param {() => string} hooks.shown the name of the figures that the page shows
 * @param {(figures: object, page: Document | null) => void} hooks.onFigures the first figures, and
 *   each time that they are others; with the server's new page where this one does not show them
 * @param {() => void} hooks.onTick after every look
 */
export function keepFresh({ shown, onFigures, onTick }) {
  let known = null;
  let timer = 0;
  let asking = null;

  const look = async () => {
    asking = new AbortController();
    const { signal } = asking;
    try {
      const figures = await get("progress/data", signal);
      const name = nameOf(figures);
      const page = name === shown() ? null : await readPage(signal);
      if (signal.aborted) return;
      if (page || name !== known) onFigures(figures, page);
      known = name;
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
