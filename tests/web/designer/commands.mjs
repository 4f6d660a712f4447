// Runs sequences of commands on the designer's own document and command stack (no browser): a line of JSON in, one out.

import { createInterface } from "node:readline";
import { CommandStack } from "../../../static/js/designer/commands.js";
import { FlowDocument, freshId } from "../../../static/js/designer/document.js";
import { replace } from "../../../static/js/designer/replacing.js";

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
  replace: (edit, { wanted }) => replace(edit, edit.document, structuredClone(wanted)),
  many: (edit, { parts }) => parts.forEach((part) => one(edit, part)),
};

function one(edit, command) {
  const { document } = edit;
  const needsNode = ["change", "remove", "connect"].includes(command.do);
  if ((needsNode && !document.nodes.length) || (command.do === "disconnect" && !document.edges.length)) return;
  if (["renote", "unnote"].includes(command.do) && !document.notes.length) return;
  COMMANDS[command.do](edit, command);
}

/** What the document says, with the lists it always has. */
function says({ raw }) {
  return JSON.stringify(["nodes", "edges", "notes", "title", "variables"].map((name) => raw[name] ?? null));
}

/** As JSON; a field that went and came back stands last, which says nothing. */
function text({ raw }) {
  return JSON.stringify(Object.entries(raw).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function run({ document: raw, commands, wanted }) {
  const document = new FlowDocument(raw);
  const first = text(document);
  const stack = new CommandStack(document);
  for (const command of commands) {
    if (command.do === "undo") stack.undo();
    else if (command.do === "redo") stack.redo();
    else stack.run(command.do, (edit) => one(edit, command), { merge: command.merge ?? null });
  }
  const last = text(document);
  const reached = wanted ? says(document) === says(new FlowDocument(wanted)) : true;
  const depth = stack.past.length;
  while (stack.undo());
  const undone = text(document);
  for (let n = 0; n < depth; n += 1) stack.redo();
  const redone = text(document);
  const index = document.nodes.every((node) => document.node(node.id) === node) && document.byId.size === new Set(document.nodes.map((node) => node.id)).size;
  return { undone: undone === first, redone: redone === last, index, reached };
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(run(JSON.parse(line)))}\n`);
