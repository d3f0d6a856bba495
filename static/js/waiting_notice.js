// The notice of what waits: how many drawings, why, and what can be done.

import { byId } from "./dom.js";
import { plural, text } from "./texts.js";
import { WaitingLabels } from "./waiting.js";

/**
 * @param {(label: import("./waiting.js").Waiting, result: object) => void} onSent one that waited
 *   was taken
 * @returns {WaitingLabels} the labels that wait, shown on this page
 */
export function waitingLabels(onSent) {
  const waiting = new WaitingLabels({ onChange: show, onSent });
  byId("waiting-send").addEventListener("click", () => waiting.sendAll());
  byId("waiting-drop").addEventListener("click", () => waiting.throwAway());
  return waiting;
}

function show(count, refused) {
  byId("waiting").hidden = count === 0;
  const drawings = plural(count, "{count} drawing waits in this browser.", "{count} drawings wait in this browser.");
  const why = refused ? text("The server does not take one: {why}", { why: refused }) : text("Sent again by itself.");
  byId("waiting-words").textContent = `${drawings} ${why}`;
}
