// My drawings: what this browser has given, what the app reads in each now; download, delete.

import { announce } from "./announce.js";
import { byId, make } from "./dom.js";
import { drawInk } from "./ink.js";
import { awaitForgotten, deleteOwn, handWords, ownDrawings, readAgain } from "./own_drawings.js";
import { SIZE } from "./strokes.js";
import { ago, plural, text } from "./texts.js";

const FILE = "my-drawings.ndjson";

const buttons = {
  download: byId("download", HTMLButtonElement), all: byId("delete-all", HTMLButtonElement),
};
const paper = getComputedStyle(document.documentElement);

buttons.download.addEventListener("click", () => download(ownDrawings()));
buttons.all.addEventListener("click", () => deleteAll());
addEventListener("storage", () => show());
show();
for (const { id } of ownDrawings().filter(({ deleting }) => deleting)) follow(id);

async function show() {
  const drawings = ownDrawings();
  const there = drawings.filter(({ deleting }) => !deleting);
  byId("none").hidden = drawings.length > 0;
  byId("some").hidden = drawings.length === 0;
  buttons.download.disabled = buttons.all.disabled = there.length === 0;
  byId("count").textContent = countWords(drawings.length, there.length);
  byId("drawings").replaceChildren(...there.map(item));
  const readings = await readAgain(there).catch(() => new Map()); // the drawings are shown all the same
  byId("hand-words").textContent = handWords(there, readings);
  for (const [id, reading] of readings) tell(id, reading);
}

function countWords(all, there) {
  const kept = plural(there, "{count} drawing in this browser.", "{count} drawings in this browser.");
  const gone = all - there;
  if (gone === 0) return kept;
  return `${kept} ${plural(gone, "{count} is being forgotten by the models.", "{count} are being forgotten by the models.")}`;
}

/** @param {import("./own_drawings.js").Own} own */
function item(own) {
  const element = make("li", "own");
  element.dataset.id = own.id;
  const name = own.digit === "none" ? text("no digit") : String(own.digit);
  const said = make("p", "own-said");
  said.append(make("b", "", name), make("span", "soft", ago(new Date(own.given).toISOString())));
  const button = make("button", "btn btn-quiet btn-sm", text("Delete"));
  button.type = "button";
  button.setAttribute("aria-label", text("Delete this drawing: {name}", { name }));
  button.addEventListener("click", () => deleteThese([own], text("Delete this drawing for ever? The models forget it too.")));
  element.append(picture(own), said, make("p", "own-read soft"), button);
  return element;
}

/** @param {import("./own_drawings.js").Own} own */
function picture(own) {
  const canvas = make("canvas", "own-picture");
  canvas.width = canvas.height = SIZE;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", own.digit === "none" ? text("Your drawing of no digit") : text("Your {digit}", { digit: own.digit }));
  drawInk(canvas.getContext("2d"), own.strokes, paper.getPropertyValue("--ink"));
  return canvas;
}

function tell(id, { shipped, now }) {
  const line = byId("drawings").querySelector(`[data-id="${CSS.escape(id)}"] .own-read`);
  if (!line) return;
  line.textContent = text("Read as shipped: {shipped}; now: {now}.", { shipped: shipped ?? "?", now: now ?? "?" });
}

function deleteAll() {
  const there = ownDrawings().filter(({ deleting }) => !deleting);
  deleteThese(there, plural(
    there.length,
    "Delete your drawing for ever? The models forget it too.",
    "Delete all {count} drawings for ever? The models forget them too.",
  ));
}

/** Ask first; one that cannot be deleted now stays, and the rest goes on. */
async function deleteThese(drawings, question) {
  if (!confirm(question)) return;
  say(text("Deleting…"));
  let failed = "";
  for (const own of drawings) {
    try {
      if (await deleteOwn(own)) follow(own.id);
    } catch (error) {
      failed = error.message;
      if (error.status === 0) break; // the rest would fail too
    }
  }
  await show();
  say(failed || text("Deleted: nobody sees it any more. The models are forgetting it."));
}

async function follow(id) {
  await awaitForgotten(id);
  await show();
  if (!ownDrawings().some(({ deleting }) => deleting)) say(text("The models have forgotten what you deleted."));
}

function say(words) {
  byId("said").textContent = words;
  announce(words);
}

/** Quick, Draw!'s keys, a drawing a line, as the app's own stroke files have them. */
function download(drawings) {
  const lines = drawings.filter(({ deleting }) => !deleting).map((own) => JSON.stringify({
    word: String(own.digit), timestamp: new Date(own.given).toISOString(), key_id: own.id, drawing: own.strokes,
  }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n"), "\n"], { type: "application/x-ndjson" }));
  link.download = FILE;
  link.click();
  URL.revokeObjectURL(link.href);
}
