// The drawing page: draw, see the answer, label it, see what the models learned.
//
// How the scripts of all pages are made: a page's first script (here this one) knows what is going on,
// and tells the views what to show. A view is a class for one part of the page: it finds its own
// elements, keeps what it remembers to itself, shows what its methods say, and calls the hooks that it
// was given when the visitor does something. What remembers nothing is a plain function.

import { announce } from "./announce.js";
import { Answer } from "./answer.js";
import { Surface } from "./canvas.js";
import { Consent } from "./consent.js";
import { DigitRow, NOT_A_DIGIT } from "./digit_row.js";
import { byId } from "./dom.js";
import { newKey } from "./key.js";
import { onUndoKey } from "./keyboard.js";
import { Label } from "./label.js";
import { latestOnly } from "./latest.js";
import { rememberLast } from "./last_drawing.js";
import { showLately } from "./lately.js";
import { Live } from "./live.js";
import { showHand } from "./hand.js";
import { Models } from "./models.js";
import { awaitOutcome } from "./outcome.js";
import { differs, OnDevice } from "./on_device.js";
import { newSecret } from "./own_drawings.js";
import { predict } from "./predict.js";
import { TakeBack } from "./take_back.js";
import { text } from "./texts.js";
import { Travel } from "./travel.js";
import { waitingLabels } from "./waiting_notice.js";

const PAUSE = 150; // ms after the pen lifts: time enough to begin the next stroke

const tools = { undo: byId("undo", HTMLButtonElement), clear: byId("clear", HTMLButtonElement) };

/**
 * The drawing that was answered: its picture, strokes, key, secret and answer. Null until there is one.
 * @type {{image: string, strokes: import("./strokes.js").Stroke[], key: string, secret: string,
 *   prediction: object} | null}
 */
let drawing = null;
/** The label that was sent: {drawing, digit}; NOT_A_DIGIT may be its digit. From then on the next stroke begins a new drawing. */
let sent = null;
/** The digit that waits for the visitor's consent. */
let begun = null;
let timer = 0;
/** How often each digit was shown, since the app last saw it as it was labelled. */
const inVain = new Map();

const consent = new Consent({ onGiven: () => begun !== null && teach(begun) });
const models = new Models();
const travel = new Travel(models);
const answer = new Answer({ onRetry: () => guessAgain() });
const row = new DigitRow({ onDigit: (digit) => choose(digit) });
const prediction = latestOnly(predict);
const label = new Label({ onRetry: () => send(sent), onAnother: () => startOver() });
const takeBack = new TakeBack({
  onTaken: (words, first) => takenBack(words, first),
  onFailed: (words) => label.failed(words),
});
const waiting = waitingLabels((given, result) => given.key === sent?.drawing.key && learned(sent, result));
const surface = new Surface({
  onStart: () => beginStroke(),
  onMove: () => live.follow(),
  onLift: () => endStroke(),
  onChange: () => redrawn(),
  onDone: () => finish(),
});
const device = new OnDevice();
const live = new Live(surface, device, (result, here) => follow(result, here));

tools.undo.addEventListener("click", () => surface.undo());
tools.clear.addEventListener("click", () => startOver());
onUndoKey(() => sent || surface.undo());
showLately();
showHand();
addEventListener("load", () => setTimeout(() => device.keepFresh())); // the page is usable before

function beginStroke() {
  if (sent) surface.clear();
  outdate();
}

function endStroke() {
  showTools();
  timer = setTimeout(guess, PAUSE);
}

/** The models, while the pen is on the paper: bars move, the label waits. */
function follow(result, here) {
  if (here) answer.follow(result);
  row.follow(result.digits);
  models.show(result, false, here);
}

/** After undo or clear: guess what is left, or start over. */
function redrawn() {
  if (surface.empty) {
    reset();
    surface.focus();
    return;
  }
  outdate();
  endStroke();
}

/** What is answered is no longer what is drawn. */
function outdate() {
  clearTimeout(timer);
  live.rest();
  prediction.cancel();
  travel.rest();
  consent.quiet();
  drawing = begun = null;
  takeBack.withdraw();
  label.wait();
  row.wait();
  if (!surface.empty) answer.busy();
}

function reset() {
  outdate();
  sent = null;
  answer.empty();
  models.empty();
  row.empty();
  showTools();
}

function startOver(words) {
  surface.clear();
  surface.focus();
  if (!words) return;
  answer.empty(words);
  announce(words);
}

function showTools() {
  tools.clear.disabled = surface.empty;
  tools.undo.disabled = surface.empty || sent !== null;
}

/** Enter on the canvas: the drawing is done, and the keyboard goes on to the row of digits. */
function finish() {
  if (sent) startOver();
  else if (row.open) row.focus();
  else if (!surface.empty) guess().then(() => row.open && row.focus());
}

async function guess() {
  if (surface.empty || surface.down || sent) return;
  outdate();
  const snapshot = surface.snapshot();
  const mine = device.answer(surface.pixels);
  try {
    const result = await prediction.run(snapshot.image);
    if (!result) return;
    answered(snapshot, result);
    if (mine && differs(mine, result)) models.differ();
    device.keepFresh();
  } catch (error) {
    if (mine && error.status === 0) answered(snapshot, mine, true);
    else failed(error);
  }
}

function failed(error) {
  answer.failed(error.message);
  models.empty();
}

function guessAgain() {
  surface.focus(); // the button that was pressed goes away
  guess();
}

/** @param {boolean} [here] whether this device has answered, as the server cannot be reached */
function answered(snapshot, result, here = false) {
  drawing = { ...snapshot, key: newKey(), secret: newSecret(), prediction: result };
  rememberLast({ image: snapshot.image });
  answer.seen(result);
  models.show(result, false, here);
  if (!here) travel.offer(snapshot.image, result);
  row.ask(result);
}

/** The visitor says what it is. What is no digit is thrown away without consent. */
function choose(digit) {
  if (consent.given) {
    teach(digit);
  } else if (digit === NOT_A_DIGIT) {
    startOver(text("Fine. Nothing was stored."));
  } else {
    begun = digit;
    consent.ask(text("Tick the box, and your {digit} is taught.", { digit }));
  }
}

function teach(digit) {
  sent = { drawing, digit };
  begun = null;
  row.labelled(digit);
  showTools();
  send(sent);
}

/** Send a label; a retry sends the same key, so that it is one drawing. What fails waits. */
async function send(mine) {
  const { image, strokes, key, secret } = mine.drawing;
  if (mine === sent) label.sending(mine.digit);
  try {
    const result = await waiting.send({ path: "train", image, strokes, key, secret, digit: mine.digit });
    if (mine === sent) await learned(mine, result);
  } catch (error) {
    if (mine === sent) label.failed(error.message);
  }
}

async function learned(mine, result) {
  label.receipt({ ...result, input: mine.drawing.prediction.input }, mine.digit);
  takeBack.offer(result.drawing);
  rememberLast({ image: mine.drawing.image, words: byId("receipt-words").textContent });
  if (result.state === "queued") {
    const later = await awaitOutcome(result.drawing, () => mine === sent);
    if (later) await learned(mine, later);
  }
  if (result.state !== "trained") return;
  const now = await prediction.run(mine.drawing.image, result.version).catch(() => null);
  if (!now) return; // numeral and cards stay as they were: the receipt has said it all
  sayWhatChanged(now, mine);
  row.learned(now);
  models.show(now);
  models.showChange(mine.digit, result.receipt ?? {});
  travel.offer(mine.drawing.image, now);
  showHand();
}

/** A label is taken back; that the models have forgotten it is told where nothing else is drawn. */
function takenBack(words, first) {
  if (first) startOver(words);
  else if (surface.empty) answer.empty(words);
  showHand();
}

/** Say what the app sees after a label, unless it is what it saw and what the visitor says. */
function sayWhatChanged(now, { digit, drawing: { prediction: before } }) {
  const turned = now.answer !== before.answer;
  if (now.answer === String(digit)) {
    inVain.delete(digit);
    if (turned) answer.turned(now);
    return;
  }
  inVain.set(digit, (inVain.get(digit) ?? 0) + 1);
  answer.notYet(now, turned, inVain.get(digit));
}
