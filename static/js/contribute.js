// The data-collection page: one digit after another is asked for, drawn, and given.

import { announce } from "./announce.js";
import { post } from "./api.js";
import { Surface } from "./canvas.js";
import { createConsent, recall, remember } from "./consent.js";
import { newKey } from "./key.js";

const STORE = "inkling.given";
const byId = (id) => document.getElementById(id);
const tools = { undo: byId("undo"), clear: byId("clear"), skip: byId("skip"), give: byId("give") };

/** Digits still to come in this round; the first is asked for. */
let round = shuffledDigits();
/** The drawing on its way, or that failed: a retry sends it with the same key. */
let pending = null;
let given = Number(recall(STORE)) || 0;

const consent = createConsent();
const surface = new Surface(byId("canvas"), {
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
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
  event.preventDefault();
  surface.undo();
});
showCount();
ask();

/** @returns {number[]} 0 to 9 in random order (Fisher and Yates) */
function shuffledDigits() {
  const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (let i = digits.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [digits[i], digits[j]] = [digits[j], digits[i]];
  }
  return digits;
}

function ask() {
  byId("prompt-digit").textContent = String(round[0]);
  byId("prompt-article").textContent = round[0] === 8 ? "an" : "a";
  byId("canvas").setAttribute("aria-label", `Drawing area: ${byId("prompt").textContent}`);
  for (const slot of document.querySelectorAll(".given [data-digit]")) {
    slot.toggleAttribute("data-asked", Number(slot.dataset.digit) === round[0]);
  }
  showTools();
}

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
  round.push(round.shift());
  startOver();
  ask();
  announce(byId("prompt").textContent);
}

function give() {
  if (surface.empty || surface.down || surface.locked) return;
  if (!consent.given) {
    say("");
    consent.ask("Give");
    return;
  }
  pending ??= { ...surface.snapshot(), digit: round[0], key: newKey() };
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
  given += 1;
  remember(STORE, String(given));
  showCount();
  showGiven(image, digit);
  round.shift();
  const ended = round.length === 0;
  if (ended) endRound();
  startOver();
  ask();
  say(ended ? "A whole round: thank you! Here is another." : `Thank you for the ${digit}.`, "given");
  announce(`Thank you. ${byId("prompt").textContent}`);
}

function endRound() {
  round = shuffledDigits();
  for (const paper of document.querySelectorAll(".given-paper")) paper.replaceChildren();
}

function showGiven(image, digit) {
  const picture = document.createElement("img");
  picture.src = image;
  picture.alt = `Your ${digit}`;
  document.querySelector(`.given [data-digit="${digit}"] .given-paper`).replaceChildren(picture);
}

function showCount() {
  const noun = given === 1 ? "drawing" : "drawings";
  byId("given").textContent = given === 0 ? "No drawings given yet" : `${given} ${noun} given`;
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
