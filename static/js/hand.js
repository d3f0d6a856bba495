// "Your hand": how many of the visitor's own drawings the app read as shipped, and reads now.

import { byId } from "./dom.js";
import { handWords, ownDrawings, readAgain } from "./own_drawings.js";

/** Tell it; what was told stays where it cannot be asked. */
export async function showHand() {
  const drawings = ownDrawings();
  const words = await readAgain(drawings).then((readings) => handWords(drawings, readings), () => null);
  if (words === null) return;
  byId("hand-words").textContent = words;
}
