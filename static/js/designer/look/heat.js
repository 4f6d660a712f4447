// The heat map: colours by visits, numbers on the nodes, lines as thick as they were used.

import { byId, duration, make, start, t } from "../../common.js";
import { createViewer, ready } from "./viewer.js";

const studio = createViewer();
const LEVELS = 5;
Object.setPrototypeOf(start.heat, null); // "constructor" may be a node's id
const most = Math.max(1, ...studio.document.nodes.map((node) => start.heat[node.id]?.visits ?? 0));

/** 0: nobody, 1 to 5: by the root of the share, so that rare ways can be told apart, too. */
function level(count) {
  return Math.ceil(LEVELS * Math.sqrt(count / most));
}

const marks = new Map();
for (const node of studio.document.nodes) {
  const found = start.heat[node.id];
  const drops = found && found.visits >= 4 && found.dropped / found.visits >= 0.25 && !start.types[node.type]?.ends;
  marks.set(node.id, { css: `heat-${level(found?.visits ?? 0)}${drops ? " heat-drop" : ""}`, ...(found ? { count: found.visits } : {}) });
}
for (const edge of studio.document.edges) {
  marks.set(studio.keyOf(edge), { css: `heat-${level(start.heat[edge.from]?.exits[edge.exit] ?? 0)}` });
}
studio.mark("heat", marks);

function about() {
  const id = studio.selection.nodes[0];
  const box = byId("heat-node");
  box.replaceChildren();
  if (!id) return;
  const view = studio.canvas.view(id);
  const found = start.heat[id];
  box.append(make("h3", "", view?.title ?? id));
  if (!found) {
    box.append(make("p", "muted", t("heat.none")));
    return;
  }
  const facts = [["visits", found.visits], ["dropped", `${found.dropped} (${percent(found.dropped, found.visits)})`], ["average", duration(found.average)]];
  const labels = new Map((view?.ports ?? []).map((port) => [port.name, port.label]));
  const exits = Object.entries(found.exits).sort((one, other) => other[1] - one[1]);
  box.append(make("dl", "look-facts",
    ...facts.map(([name, value]) => fact(t(`heat.${name}`), String(value))),
    ...exits.map(([name, count]) => fact(`→ ${labels.get(name) || t("heat.then")}`, `${count} (${percent(count, found.visits)})`))));
}

function fact(title, value) {
  return make("div", "", make("dt", "", title), make("dd", "num", value));
}

function percent(part, whole) {
  return whole ? `${Math.round((100 * part) / whole)}%` : "–";
}

studio.addEventListener("select", about);
ready(studio);
