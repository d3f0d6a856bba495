// The data-collection page: one digit after another is asked for, drawn, and given.

import { announce } from "./announce.js";
import { post } from "./api.js";
import { Surface } from "./canvas.js";
import { Consent } from "./consent.js";
import { byId } from "./dom.js";
import { newKey } from "./key.js";
import { onUndoKey } from "./keyboard.js";
import { Round } from "./round.js";

const tools = { undo: byId("undo"), clear: byId("clear"), skip: byId("skip"), give: byId("give") };

/** The drawing on its way, or that failed: a retry sends it with the same key. */
let pending = null;

const consent = new Consent();
const round = new Round();
const surface = new Surface({
  onStart: () => changed(),
  onLift: () => showTools(),
  onChange: () => changed(),
  onDone: () => give(),
});

tools.undo.addEventListener("click", () => surface.undo());
tools.clear.addEventListener("click", () => startOver());
tools.skip.addEventListener("click", () => skip());
tools.give.addEventListener("click", () => give());
byId("retry-give").addEventListener("click", () => give());
onUndoKey(() => surface.undo());
showTools();

/** A changed drawing is another one: what failed before is no longer sent. */
function changed() {
  pending = null;
  consent.quiet();
  say("");
  showTools();
}

function startOver() {
  surface.clear();
  surface.focus();
}

function skip() {
  round.skip();
  startOver();
  announce(round.prompt);
}

function give() {
  if (surface.empty || surface.down || surface.locked) return;
  if (!consent.given) {
    say("");
    consent.ask("Give");
    return;
  }
  pending ??= { ...surface.snapshot(), digit: round.digit, key: newKey() };
  send();
}

async function send() {
  const { image, strokes, digit, key } = pending;
  say("");
  lock(true);
  try {
    await post("collect", { imageBase64: image, digit, strokes, key });
    lock(false);
    stored(image, digit);
  } catch (error) {
    lock(false);
    say(error.message, "failed");
    announce(error.message);
  }
}

/** While a drawing is on its way, it does not change. */
function lock(locked) {
  surface.locked = locked;
  showTools();
}

function stored(image, digit) {
  const complete = round.give(image);
  startOver();
  say(complete ? "A whole round: thank you! Here is another." : `Thank you for the ${digit}.`, "given");
  announce(`Thank you. ${round.prompt}`);
}

function showTools() {
  tools.undo.disabled = tools.clear.disabled = tools.give.disabled = surface.empty || surface.locked;
  tools.skip.disabled = surface.locked;
}

/** @param {string} text @param {"" | "given" | "failed"} [state] */
function say(text, state = "") {
  byId("outcome-words").textContent = text;
  byId("outcome").dataset.state = state;
  byId("retry-give").hidden = state !== "failed";
}
