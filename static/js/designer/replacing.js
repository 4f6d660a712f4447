// One document made into another by steps that can be taken back; what is the same is left alone. No DOM, run by Node.js
// in the tests.

const FIELDS = ["title", "description", "language", "variables", "tables", "tests"];
const LISTS = [["node", "nodes"], ["edge", "edges"], ["note", "notes"]];

/** Steps after which the document says what `wanted` says, in the same order. */
export function replace(edit, document, wanted) {
  const nodes = new Map((wanted.nodes ?? []).map((node) => [node.id, node]));
  const lines = counted((wanted.edges ?? []).map(lineKey));
  for (const edge of [...document.edges]) if (!taken(lines, lineKey(edge))) edit.removeEdge(edge);
  for (const { id } of [...document.nodes]) if (!nodes.has(id)) edit.removeNode(id);
  for (const node of wanted.nodes ?? []) {
    if (document.node(node.id)) edit.changeNode(node.id, node);
    else edit.addNode(node);
  }
  for (const edge of wanted.edges ?? []) if (taken(lines, lineKey(edge))) edit.addEdge(edge);
  for (const [list, name] of LISTS) settle(edit, list, document[name], wanted[name] ?? []);
  for (const field of FIELDS) edit.setField(field, wanted[field]);
}

/** What still differs (order, notes, values that went away) is put there anew. */
function settle(edit, list, now, wanted) {
  if (now.length === wanted.length && now.every((one, at) => same(one, wanted[at]))) return;
  for (let at = now.length - 1; at >= 0; at -= 1) edit.step({ list, at, before: now[at], after: null });
  wanted.forEach((after, at) => edit.step({ list, at, before: null, after }));
}

function lineKey(edge) {
  return `${edge.from}\n${edge.exit}\n${edge.to}`;
}

function counted(keys) {
  const found = new Map();
  for (const key of keys) found.set(key, (found.get(key) ?? 0) + 1);
  return found;
}

/** Whether one of these was left; it is used up. */
function taken(counts, key) {
  const left = counts.get(key) ?? 0;
  counts.set(key, left - 1);
  return left > 0;
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
