// Runs sequences of commands on the designer's own document and command stack (no browser): a line of JSON in, one out.

import { createInterface } from "node:readline";
import { CommandStack } from "../../../static/js/designer/commands.js";
import { FlowDocument, freshId } from "../../../static/js/designer/document.js";

const pick = (list, n) => list[n % list.length];

const COMMANDS = {
  add: (edit, { word, n }) => edit.addNode({ id: freshId(edit.document, word), type: word, name: "", config: { n }, position: [n, n], note: "" }),
  change: (edit, { n, values }) => edit.changeNode(pick(edit.document.nodes, n).id, values),
  remove: (edit, { n }) => edit.removeNode(pick(edit.document.nodes, n).id),
  connect: (edit, { n, m, word }) => edit.connect(pick(edit.document.nodes, n).id, word, pick(edit.document.nodes, m).id),
  disconnect: (edit, { n }) => edit.removeEdge(pick(edit.document.edges, n)),
  note: (edit, { n, word }) => edit.addNote({ id: `${word}${n}`, text: word, position: [n, n] }),
  renote: (edit, { n, word }) => edit.changeNote(pick(edit.document.notes, n)?.id, { text: word }),
  unnote: (edit, { n }) => edit.removeNote(pick(edit.document.notes, n)?.id),
  field: (edit, { word, values }) => edit.setField(word, values),
  many: (edit, { parts }) => parts.forEach((part) => one(edit, part)),
};

function one(edit, command) {
  const { document } = edit;
  const needsNode = ["change", "remove", "connect"].includes(command.do);
  if ((needsNode && !document.nodes.length) || (command.do === "disconnect" && !document.edges.length)) return;
  if (["renote", "unnote"].includes(command.do) && !document.notes.length) return;
  COMMANDS[command.do](edit, command);
}

function run({ document: raw, commands }) {
  const document = new FlowDocument(raw);
  const first = JSON.stringify(document.raw);
  const stack = new CommandStack(document);
  for (const command of commands) {
    if (command.do === "undo") stack.undo();
    else if (command.do === "redo") stack.redo();
    else stack.run(command.do, (edit) => one(edit, command), { merge: command.merge ?? null });
  }
  const last = JSON.stringify(document.raw);
  const depth = stack.past.length;
  while (stack.undo());
  const undone = JSON.stringify(document.raw);
  for (let n = 0; n < depth; n += 1) stack.redo();
  const redone = JSON.stringify(document.raw);
  const index = document.nodes.every((node) => document.node(node.id) === node) && document.byId.size === new Set(document.nodes.map((node) => node.id)).size;
  return { undone: undone === first, redone: redone === last, index };
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(run(JSON.parse(line)))}\n`);
