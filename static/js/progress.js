// The Progress page: a chart over the server's own tables, and new figures while somebody looks.

import { createChart } from "./progress_chart.js";
import { keepFresh } from "./progress_fresh.js";
import { ago } from "./words.js";

const page = () => document.getElementById("progress");
let chart = null;
let figures = null;

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

const parts = (root) => new Map([...root.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));

function show(found, fresh) {
  figures = found;
  if (fresh) takeOver(fresh);
  if (document.getElementById("chart")) {
    chart ??= createChart(page());
    chart.show(figures.lines);
  }
  tellTime();
}

/** "3 minutes ago" goes on by itself. */
function tellTime() {
  for (const time of document.querySelectorAll("#progress time")) {
    const words = ago(time.dateTime);
    if (time.textContent !== words) time.textContent = words;
  }
}

keepFresh({ shown: () => page().dataset.figures, onFigures: show, onTick: tellTime });
