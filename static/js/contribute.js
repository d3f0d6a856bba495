// The data-collection page: one digit after another is asked for, drawn, and given.

import { announce } from "./announce.js";
import { post } from "./api.js";
import { Surface } from "./canvas.js";
import { Consent } from "./consent.js";
import { byId } from "./dom.js";
import { newKey } from "./key.js";
import { onUndoKey } from "./keyboard.js";
import { newSecret } from "./own_drawings.js";
import { Round } from "./round.js";
import { shareRound } from "./share.js";
import { TakeBack } from "./take_back.js";
import { text } from "./texts.js";
import { waitingLabels } from "./waiting_notice.js";

const tools = {
  undo: byId("undo", HTMLButtonElement), clear: byId("clear", HTMLButtonElement),
  skip: byId("skip", HTMLButtonElement), give: byId("give", HTMLButtonElement),
};
const choice = {
  ask: byId("show-me", HTMLInputElement), choose: byId("i-choose", HTMLInputElement),
  digit: byId("chosen", HTMLSelectElement),
};

/** Whether a drawing is to be given as soon as there is consent. */
let begun = false;

const consent = new Consent({ onGiven: () => begun && give() });
const round = new Round();
const waiting = waitingLabels(() => {});
const takeBack = new TakeBack({
  onTaken: (words, first) => takenBack(words, first),
  onFailed: (words) => failed(words),
});
/** The digit that was given last. */
let last = 0;
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
byId("another-round").addEventListener("click", () => beginAnew());
byId("share").addEventListener("click", () => shareRound(round.given));
for (const input of Object.values(choice)) input.addEventListener("change", () => choose());
onUndoKey(() => surface.undo());
if (round.complete) finish();
showTools();

function changed() {
  begun = false;
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

/** The visitor chooses the digit, or is asked for one after the other. */
function choose() {
  choice.digit.disabled = choice.ask.checked;
  round.choose(choice.ask.checked ? null : Number(choice.digit.value));
  showTools();
  announce(round.prompt);
}

function give() {
  if (surface.empty || surface.down || surface.locked) return;
  if (consent.given) {
    send();
    return;
  }
  say("");
  begun = true;
  consent.ask(text("Tick the box, and your {digit} is given.", { digit: round.digit }));
}

/** Send a drawing. One that cannot be sent now waits, and the round goes on. */
async function send() {
  begun = false;
  const { image, strokes } = surface.snapshot();
  const { digit } = round;
  say("");
  lock(true);
  try {
    const label = { image, strokes, digit, key: newKey(), secret: newSecret() };
    const { object, drawing } = await waiting.send({ path: "collect", ...label });
    last = digit;
    given(image, text("Thank you for the {digit}: {object}", { digit, object }));
    takeBack.offer(drawing);
  } catch (error) {
    if (error.refused) failed(error.message);
    else given(image, text("Your {digit} waits in this browser. {why}", { digit, why: error.message }));
  }
}

function given(image, words) {
  lock(false);
  round.give(image);
  startOver();
  if (round.complete) {
    finish();
    return;
  }
  say(words, "given");
  announce(`${words}. ${round.prompt}`);
}

/** What was taken back is asked for again. */
function takenBack(words, first) {
  if (first) {
    round.takeBack(last);
    lock(false);
    startOver();
  } else if (byId("outcome").dataset.state === "") {
    return; // something else is told or drawn by now
  }
  say(words, "given");
  announce(words);
}

function failed(message) {
  lock(false);
  say(message, "failed");
  announce(message);
}

/** While a drawing is on its way, and once the round is complete, the paper does not change. */
function lock(locked) {
  surface.locked = locked;
  showTools();
}

/** A whole round: it stays to be looked at, and only now the app tells what it reads. */
async function finish() {
  lock(true);
  say(text("A whole round: thank you!"), "given");
  await Promise.all(round.given.filter(([, { read }]) => read === undefined).map(read));
  const right = round.given.filter(([digit, { read }]) => read === digit).length;
  const known = round.given.filter(([, { read }]) => read !== undefined).length;
  if (!round.complete || !known) return;
  const words = text("A whole round: thank you! The app reads {right} of your {known} as you meant them.", { right, known });
  say(words, "given");
  announce(words);
}

async function read([digit, { image }]) {
  const result = await post("predict", { imageBase64: image }).catch(() => null); // the picture stays
  if (result) round.read(digit, result.answer);
}

function beginAnew() {
  round.beginAnew();
  lock(false);
  say("");
  startOver();
  announce(round.prompt);
}

function showTools() {
  tools.undo.disabled = tools.clear.disabled = tools.give.disabled = surface.empty || surface.locked;
  tools.skip.disabled = surface.locked || choice.choose.checked;
  byId("tools-draw").inert = round.complete;
  byId("tools-another").inert = !round.complete;
}

/** @param {string} words @param {"" | "given" | "failed"} [state] */
function say(words, state = "") {
  byId("outcome-words").textContent = words;
  byId("outcome").dataset.state = state;
}
