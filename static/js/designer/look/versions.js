// Two versions on one canvas: what was added, removed, changed or moved is coloured.

import { start } from "../../common.js";
import { createViewer, ready } from "./viewer.js";

const studio = createViewer();
const marks = new Map(Object.entries(start.marks.nodes).map(([id, css]) => [id, { css }]));
const lines = new Map(start.marks.lines.map(([from, exit, to, css]) => [`${from}\n${exit}\n${to}`, css]));
for (const edge of studio.document.edges) {
  const css = lines.get(`${edge.from}\n${edge.exit}\n${edge.to}`);
  if (css) marks.set(studio.keyOf(edge), { css });
}
studio.mark("difference", marks);
ready(studio);
