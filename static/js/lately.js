// What others gave lately, where the screen has room for it: new every ten seconds.

import { get } from "./api.js";
import { byId, make } from "./dom.js";
import { aDigit, text } from "./texts.js";

const PAUSE = 10_000; // ms
const ROOM = matchMedia("(min-width: 90rem) and (min-height: 62rem)"); // as in inkling.css

/** Show it while the page is looked at. */
export function showLately() {
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    if (document.hidden || !ROOM.matches) return;
    await get("progress/latest").then(show, () => {}); // what is shown is still true
    timer = setTimeout(look, PAUSE);
  };
  document.addEventListener("visibilitychange", look);
  ROOM.addEventListener("change", look);
  look();
}

function show({ version, drawings }) {
  byId("lately").hidden = !version && drawings.length === 0;
  byId("lately-words").textContent = version ? words(version) : "";
  byId("lately-drawings").replaceChildren(...drawings.map(picture));
}

function words({ number: version, kind, label }) {
  if (kind === "lesson") return text("Somebody taught {digit}: version {version}.", { digit: aDigit(label), version });
  if (kind === "rollback") return text("Version {version} came by going back to an older one.", { version });
  return text("Version {version} came by learning again, without a drawing or with another label.", { version });
}

function picture({ input, label }) {
  const item = make("li", "");
  const image = make("img", "");
  image.src = input;
  image.alt = text("Somebody’s {digit}", { digit: label });
  item.append(image);
  return item;
}
