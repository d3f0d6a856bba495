// How it works, told with the visitor's last drawing, else with the one that the page shows.

import { post } from "./api.js";
import { byId } from "./dom.js";
import { lastDrawing } from "./last_drawing.js";
import { text } from "./texts.js";

const last = lastDrawing();
if (last) {
  byId("drawn", HTMLImageElement).src = last.image;
  byId("whose").textContent = text("Told with your last drawing.");
}
if (last?.words) {
  byId("moved").textContent = last.words;
  byId("moved").hidden = false;
}
show(last?.image ?? (await asDataUrl(byId("drawn", HTMLImageElement).src)));

async function show(image) {
  const steps = await post("steps", { imageBase64: image }).catch(() => null); // the words stay
  for (const [id, source] of Object.entries(steps ?? {})) {
    byId(id, HTMLImageElement).src = source;
    byId(id).hidden = false;
  }
}

/** @param {string} address of a picture of ours @returns {Promise<string>} */
async function asDataUrl(address) {
  const blob = await (await fetch(address)).blob();
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.readAsDataURL(blob);
  });
}
