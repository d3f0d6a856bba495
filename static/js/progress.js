// The Progress page: a chart over the server's own tables, and new figures while somebody looks.

import { all, byId } from "./dom.js";
import { Chart } from "./progress_chart.js";
import { keepFresh } from "./progress_fresh.js";
import { ago } from "./texts.js";

const page = () => byId("progress");
let chart = null;

/** Put the server's new page in the place of the old one, part by part, and only where it differs. */
function takeOver(fresh) {
  const now = fresh.getElementById("progress");
  const known = parts(page()), next = parts(now);
  if ([...known.keys()].join() !== [...next.keys()].join()) {
    page().replaceWith(document.adoptNode(now)); // the first label: the page begins anew
    chart?.remove();
    chart = null;
    return;
  }
  page().dataset.figures = now.dataset.figures;
  for (const [name, part] of known) {
    if (!part.isEqualNode(next.get(name))) part.replaceChildren(...next.get(name).childNodes);
  }
}

const parts = (root) => new Map(all(root, "[data-part]").map((part) => [part.dataset.part, part]));

function show(figures, fresh) {
  if (fresh) takeOver(fresh);
  if (byId("chart")) {
    chart ??= new Chart(page());
    chart.show(figures.lines);
  }
  tellTime();
}

/** "3 minutes ago" goes on by itself. */
function tellTime() {
  for (const time of all(document, "#progress time", HTMLTimeElement)) {
    const words = ago(time.dateTime);
    if (time.textContent !== words) time.textContent = words;
  }
}

keepFresh({ shown: () => page().dataset.figures, onFigures: show, onTick: tellTime });
