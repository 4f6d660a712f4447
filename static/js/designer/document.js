// The flow document as the designer holds it: exactly the JSON of ccc/flow. Changes are primitive steps that can be
// taken back; nodes, edges and notes are never changed in place, so a step keeps the old value and the new one.

const LISTS = { node: "nodes", edge: "edges", note: "notes" };

export class FlowDocument {
  constructor(raw) {
    const copy = structuredClone(raw);
    this.raw = { ...copy, nodes: copy.nodes ?? [], edges: copy.edges ?? [], notes: copy.notes ?? [] };
    this.byId = new Map(this.raw.nodes.map((node) => [node.id, node]));
  }

  get nodes() { return this.raw.nodes; }
  get edges() { return this.raw.edges; }
  get notes() { return this.raw.notes; }

  node(id) { return this.byId.get(id); }

  /** The line that leaves the exit; the first one where a file has two. */
  edgeFrom(source, exit) { return this.edges.find((edge) => edge.from === source && edge.exit === exit); }

  edgesFrom(source) { return this.edges.filter((edge) => edge.from === source); }

  /** A copy to send or to keep. */
  json() { return structuredClone(this.raw); }

  /** One step: `{list: "node"|"edge"|"note", at, before, after}` (null: not there) or `{field, before, after}`. */
  apply(step) {
    if (step.field !== undefined) {
      if (step.after === undefined) delete this.raw[step.field];
      else this.raw[step.field] = step.after;
      return;
    }
    const list = this.raw[LISTS[step.list]];
    if (step.before !== null && list[step.at] !== step.before) throw new Error(`step does not fit: ${step.list} ${step.at}`);
    if (step.before === null) list.splice(step.at, 0, step.after);
    else if (step.after === null) list.splice(step.at, 1);
    else list[step.at] = step.after;
    if (step.list !== "node") return;
    if (step.before !== null) this.byId.delete(step.before.id);
    if (step.after !== null) this.byId.set(step.after.id, step.after);
  }
}

export function inverse(step) {
  return { ...step, before: step.after, after: step.before };
}

/** A new id from a word: `menu`, then `menu_2`. */
export function freshId(document, word, taken = new Set()) {
  const base = word.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 56) || "node";
  if (!document.node(base) && !taken.has(base)) return base;
  for (let n = 2; ; n += 1) {
    const id = `${base}_${n}`;
    if (!document.node(id) && !taken.has(id)) return id;
  }
}

/** Files written by hand may use an id twice: the canvas cannot. Gives `[old, new]` of each node that was renamed. */
export function repairIds(raw) {
  const seen = new Set();
  const all = new Set((raw.nodes ?? []).map((node) => node.id));
  const renamed = [];
  for (const node of raw.nodes ?? []) {
    if (seen.has(node.id)) {
      let n = 2;
      while (all.has(`${node.id}_${n}`)) n += 1;
      renamed.push([node.id, `${node.id}_${n}`]);
      node.id = `${node.id}_${n}`;
      all.add(node.id);
    }
    seen.add(node.id);
  }
  repairNotes(raw);
  return renamed;
}

function repairNotes(raw) {
  const seen = new Set();
  for (const note of raw.notes ?? []) {
    if (typeof note?.id !== "string") continue;
    const base = note.id;
    for (let n = 2; seen.has(note.id); n += 1) note.id = `${base}_${n}`;
    seen.add(note.id);
  }
}
