// Names of the flow's variables: which there are, and which are set before a node is reached.

import { start, t } from "../common.js";
import { faceOf } from "./faces.js";

export const SYSTEM = ["sys.caller", "sys.callee", "sys.dedicated", "sys.now", "sys.date", "sys.time", "sys.weekday", "sys.id", "sys.direction"];

/** Every variable of the flow: initial values and what nodes set. */
export function variables(studio) {
  const names = new Set(Object.keys(studio.document.raw.variables ?? {}));
  for (const node of studio.document.nodes) for (const name of setBy(node)) names.add(name);
  return [...names].sort();
}

/** For completion in a node: `{name, shown, about, kind}`, what is known when the node is reached first. */
export function variablesFor(studio, id) {
  const { document } = studio;
  const before = upstream(document, id);
  const known = new Map(Object.keys(document.raw.variables ?? {}).map((name) => [name, t("complete.initial")]));
  const later = new Map();
  for (const node of document.nodes) {
    const title = node.name || start.types[node.type]?.label || node.type;
    for (const name of setBy(node)) {
      if (known.has(name)) continue;
      if (before.has(node.id)) known.set(name, t("complete.set_by", { node: title }));
      else if (node.id !== id || !later.has(name)) later.set(name, t("complete.later", { node: title }));
    }
  }
  for (const name of known.keys()) later.delete(name);
  return [...known, ...later].map(([name, about]) => ({ name, shown: name, about, kind: "own" }));
}

function setBy(node) {
  return faceOf(node, () => {}).sets ?? [];
}

/** Nodes from which a way leads to the node; itself when a way leads back. */
function upstream(document, id) {
  const into = new Map();
  for (const edge of document.edges) {
    if (!into.has(edge.to)) into.set(edge.to, []);
    into.get(edge.to).push(edge.from);
  }
  const found = new Set();
  const open = [id];
  while (open.length) {
    for (const source of into.get(open.pop()) ?? []) {
      if (found.has(source)) continue;
      found.add(source);
      open.push(source);
    }
  }
  return found;
}
