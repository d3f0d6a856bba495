// A small picture of a move: a line from a probability before to one after, within a box.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 88, HEIGHT = 48, MARGIN = 6; // the drawing's own units

/**
 * @param {number} before @param {number} after 0 to 1
 * @returns {SVGElement}
 */
export function slope(before, after) {
  const height = (part) => HEIGHT - MARGIN - part * (HEIGHT - 2 * MARGIN);
  const [left, right] = [MARGIN, WIDTH - MARGIN];
  const picture = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "slope" });
  picture.append(
    element("path", { class: "slope-frame", d: `M0 ${height(0)}H${WIDTH}M0 ${height(1)}H${WIDTH}` }),
    element("path", { class: "slope-line", d: `M${left} ${height(before)}L${right} ${height(after)}` }),
    element("circle", { class: "slope-before", cx: left, cy: height(before), r: 3.5 }),
    element("circle", { class: "slope-after", cx: right, cy: height(after), r: 4.5 }),
  );
  return picture;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
