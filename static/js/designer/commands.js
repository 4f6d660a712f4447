// The command stack: every change of the document is a command, and every command can be taken back.

import { inverse } from "./document.js";

const MOST = 5000; // commands keep only what they changed

/** Collects the steps of one command; each is applied at once. */
export class Edit {
  constructor(document) {
    this.document = document;
    this.steps = [];
  }

  step(step) {
    this.document.apply(step);
    this.steps.push(step);
  }

  addNode(node) { this.step({ list: "node", at: this.document.nodes.length, before: null, after: node }); }

  changeNode(id, values) {
    const before = this.document.node(id);
    if (!before || same(before, { ...before, ...values })) return;
    this.step({ list: "node", at: this.document.nodes.indexOf(before), before, after: { ...before, ...values } });
  }

  /** The node and the lines that begin or end at it. */
  removeNode(id) {
    const before = this.document.node(id);
    if (!before) return;
    for (const edge of this.document.edges.filter((one) => one.from === id || one.to === id)) this.removeEdge(edge);
    this.step({ list: "node", at: this.document.nodes.indexOf(before), before, after: null });
  }

  addEdge(edge) { this.step({ list: "edge", at: this.document.edges.length, before: null, after: edge }); }

  removeEdge(edge) {
    const at = this.document.edges.indexOf(edge);
    if (at >= 0) this.step({ list: "edge", at, before: edge, after: null });
  }

  /** Let the exit lead there; what it led to before is let go. */
  connect(source, exit, target) {
    const old = this.document.edges.filter((edge) => edge.from === source && edge.exit === exit);
    if (old.length === 1 && old[0].to === target) return;
    const after = { from: source, exit, to: target };
    if (old.length === 1) this.step({ list: "edge", at: this.document.edges.indexOf(old[0]), before: old[0], after });
    else {
      old.forEach((edge) => this.removeEdge(edge));
      this.addEdge(after);
    }
  }

  addNote(note) { this.step({ list: "note", at: this.document.notes.length, before: null, after: note }); }

  changeNote(id, values) {
    const at = this.document.notes.findIndex((note) => note?.id === id);
    if (at < 0) return;
    const before = this.document.notes[at];
    if (!same(before, { ...before, ...values })) this.step({ list: "note", at, before, after: { ...before, ...values } });
  }

  removeNote(id) {
    const at = this.document.notes.findIndex((note) => note?.id === id);
    if (at >= 0) this.step({ list: "note", at, before: this.document.notes[at], after: null });
  }

  setField(field, after) {
    const before = this.document.raw[field];
    if (!same(before, after)) this.step({ field, before, after });
  }
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

export class CommandStack {
  /** `changed(steps, command)` is called after each command, undo and redo with the steps that were applied. */
  constructor(document, changed = () => {}) {
    this.document = document;
    this.changed = changed;
    this.past = [];
    this.future = [];
  }

  /** Run a command: `edit(Edit)` makes its steps. `merge`: the same key as the command before joins it (typing). */
  run(label, edit, { merge = null } = {}) {
    const made = new Edit(this.document);
    try {
      edit(made);
    } catch (error) {
      for (const step of made.steps.reverse()) this.document.apply(inverse(step));
      throw error;
    }
    if (!made.steps.length) return null;
    const last = this.past.at(-1);
    if (merge !== null && last?.merge === merge && !this.future.length) last.steps.push(...made.steps);
    else this.past.push({ label, merge, steps: made.steps });
    if (this.past.length > MOST) this.past.shift();
    this.future = [];
    this.changed(made.steps, this.past.at(-1));
    return made.steps;
  }

  undo() {
    const command = this.past.pop();
    if (!command) return null;
    const steps = [...command.steps].reverse().map(inverse);
    steps.forEach((step) => this.document.apply(step));
    this.future.push(command);
    this.changed(steps, command);
    return command;
  }

  redo() {
    const command = this.future.pop();
    if (!command) return null;
    command.steps.forEach((step) => this.document.apply(step));
    this.past.push({ ...command, merge: null });
    this.changed(command.steps, command);
    return command;
  }

  /** What is typed next is a command of its own. */
  seal() {
    if (this.past.length) this.past.at(-1).merge = null;
  }
}
