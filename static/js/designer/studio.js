// Document, command stack and canvas together: what the other parts of the page work with.

import { start, t } from "../common.js";
import { createCanvas } from "./canvas.js";
import { CommandStack } from "./commands.js";
import { FlowDocument } from "./document.js";
import { faceOf, learn } from "./faces.js";
import { isDrawn, isNote, noteKey, noteView, nodeView } from "./views.js";

// Looked up by names a document brings along: "constructor" is a node type nobody installed, too.
Object.setPrototypeOf(start.types, null);

export class Studio extends EventTarget {
  /** Events: `change` (detail: steps), `select` (detail: `{nodes, edges}`), `look`, `moving`, `load`. */
  constructor(container, handlers) {
    super();
    this.readOnly = true;
    this.selection = { nodes: [], edges: [], notes: [] };
    this.keys = new WeakMap();
    this.lastKey = 0;
    this.layers = new Map();
    this.canvas = createCanvas(container, {
      selected: (selection) => this.selected(parted(selection)),
      wanted: () => joined(this.selection),
      moving: () => this.emit("moving"),
      looked: () => this.emit("look"),
      ...handlers,
    });
  }

  /** Begin with a document; its undo history begins anew. */
  load(raw, faces = {}) {
    this.document = new FlowDocument(raw);
    this.stack = new CommandStack(this.document, (steps) => this.applied(steps));
    for (const node of this.document.nodes) if (Object.hasOwn(faces, node.id)) learn(node, faces[node.id]);
    this.canvas.load(this.views(), this.document.edges.map((edge) => [this.keyOf(edge), edge]));
    this.selected({ nodes: [], edges: [], notes: [] });
    this.emit("load");
  }

  /** Run a command unless the page is read only. */
  run(label, edit, options) {
    if (this.readOnly) return null;
    return this.stack.run(label, edit, options);
  }

  select(selection) {
    const wanted = { nodes: [], edges: [], notes: [], ...selection };
    this.canvas.select(joined(wanted));
    this.selected(wanted);
  }

  /** The lines that are selected, as they stand in the document. */
  selectedEdges() {
    const wanted = new Set(this.selection.edges);
    return this.document.edges.filter((edge) => wanted.has(this.keyOf(edge)));
  }

  keyOf(edge) {
    if (!this.keys.has(edge)) {
      this.lastKey += 1;
      this.keys.set(edge, `line-${this.lastKey}`);
    }
    return this.keys.get(edge);
  }

  view(id) {
    const node = this.document.node(id);
    const edges = this.document.edges;
    return this.viewOf(node, edges.filter((edge) => edge.from === id), edges.some((edge) => edge.to === id));
  }

  /** Marks of one part of the page (`problems`, `trial` ...), see canvas `mark`; replaces that part's own. Classes add up. */
  mark(layer, marks) {
    this.layers.set(layer, marks);
    const all = new Map();
    for (const one of this.layers.values()) {
      for (const [id, mark] of one) {
        const before = all.get(id);
        all.set(id, before ? { ...before, ...mark, css: [before.css, mark.css].filter(Boolean).join(" ") } : mark);
      }
    }
    this.canvas.mark(all);
  }

  setReadOnly(yes) {
    this.readOnly = yes;
    this.canvas.readOnly(yes);
    document.body.classList.toggle("is-read-only", yes);
    this.emit("mode");
  }

  emit(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  selected(selection) {
    this.selection = selection;
    this.emit("select", selection);
  }

  views() {
    const out = new Map();
    const into = new Set();
    for (const edge of this.document.edges) {
      if (!out.has(edge.from)) out.set(edge.from, []);
      out.get(edge.from).push(edge);
      into.add(edge.to);
    }
    const nodes = this.document.nodes.map((node) => this.viewOf(node, out.get(node.id) ?? [], into.has(node.id)));
    return [...this.document.notes.filter(isDrawn).map((note) => this.noteView(note)), ...nodes];
  }

  viewOf(node, edges, targeted) {
    const type = start.types[node.type];
    const face = faceOf(node, (ids) => this.redraw(ids));
    return nodeView(node, { type, face, edges, targeted, unknown: t("unknown_type", { type: node.type }), errorLabel: t("exit.error") });
  }

  noteView(note) {
    return noteView(note, t("note.empty"));
  }

  redraw(ids) {
    for (const id of ids) if (this.document.node(id)) this.canvas.putNode(this.view(id));
    this.emit("faces", ids);
  }

  /** Let the canvas follow the steps of a command. */
  applied(steps) {
    const nodes = new Set();
    const lines = [];
    for (const step of steps) {
      if (step.list === "node") nodes.add((step.before ?? step.after).id);
      if (step.list === "edge") {
        lines.push(step);
        for (const edge of [step.before, step.after]) if (edge) [edge.from, edge.to].forEach((id) => nodes.add(id));
      }
    }
    for (const step of lines) if (step.before) this.canvas.dropEdge(this.keyOf(step.before));
    for (const id of nodes) if (!this.document.node(id)) this.canvas.dropNode(id);
    for (const id of nodes) if (this.document.node(id)) this.canvas.putNode(this.view(id));
    this.drawEdges(nodes);
    for (const { list, before, after } of steps) if (list === "note" && isDrawn(before ?? after)) this.drawNote((before ?? after).id);
    this.keepSelection();
    this.emit("change", steps);
  }

  drawNote(id) {
    const note = this.document.notes.find((one) => one?.id === id);
    if (note) this.canvas.putNode(this.noteView(note));
    else this.canvas.dropNode(noteKey(id));
  }

  drawEdges(nodes) {
    for (const edge of this.document.edges) if (nodes.has(edge.from) || nodes.has(edge.to)) this.canvas.putEdge(this.keyOf(edge), edge);
  }

  keepSelection() {
    const edges = new Set(this.document.edges.map((edge) => this.keyOf(edge)));
    const nodes = this.selection.nodes.filter((id) => this.document.node(id));
    const lines = this.selection.edges.filter((key) => edges.has(key));
    const notes = this.selection.notes.filter((id) => this.document.notes.some((note) => note?.id === id));
    const kept = nodes.length + lines.length + notes.length;
    if (kept !== this.selection.nodes.length + this.selection.edges.length + this.selection.notes.length) this.select({ nodes, edges: lines, notes });
  }
}

/** LogicFlow draws notes as nodes; for the rest of the page they are things of their own. */
function parted({ nodes, edges }) {
  return { nodes: nodes.filter((id) => !isNote(id)), notes: nodes.filter(isNote).map((id) => id.slice(5)), edges };
}

function joined({ nodes, edges, notes = [] }) {
  return { nodes: [...nodes, ...notes.map(noteKey)], edges };
}
