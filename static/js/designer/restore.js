// A published version into the draft (`#restore=3`, from the page of versions): one command, so that it can be taken back.

import { t } from "../common.js";
import { toast } from "../admin/toasts.js";

const FIELDS = ["title", "description", "language", "variables", "tables", "tests"];

export async function restoreAsked(studio) {
  const number = /^#restore=(\d{1,8})$/.exec(location.hash)?.[1];
  if (!number) return;
  history.replaceState(null, "", location.pathname + location.search);
  if (studio.readOnly) {
    toast(t("restore.read_only"), { bad: true });
    return;
  }
  try {
    const response = await fetch(`${location.pathname}/versions/${number}`, { headers: { Accept: "application/json" } });
    const body = await response.json();
    if (!response.ok) throw new Error(body.message);
    const done = studio.run(t("cmd.restore", { version: number }), (edit) => replace(edit, studio.document, body.document));
    if (done) studio.canvas.fit();
    toast(t(done ? "restored.version" : "restored.same", { version: number }), {});
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

/** Steps that make the document say what `wanted` says; what is the same is left alone. */
export function replace(edit, document, wanted) {
  const nodes = new Map(wanted.nodes.map((node) => [node.id, node]));
  const lines = new Set(wanted.edges.map((edge) => `${edge.from}\n${edge.exit}\n${edge.to}`));
  for (const edge of [...document.edges]) if (!lines.delete(`${edge.from}\n${edge.exit}\n${edge.to}`)) edit.removeEdge(edge);
  for (const { id } of [...document.nodes]) if (!nodes.has(id)) edit.removeNode(id);
  for (const node of wanted.nodes) {
    if (document.node(node.id)) edit.changeNode(node.id, node);
    else edit.addNode(node);
  }
  for (const edge of wanted.edges) if (lines.has(`${edge.from}\n${edge.exit}\n${edge.to}`)) edit.addEdge(edge);
  const notes = new Set(wanted.notes.map((note) => note?.id));
  for (const { id } of document.notes.filter((note) => note?.id)) if (!notes.has(id)) edit.removeNote(id);
  for (const note of wanted.notes.filter((one) => one?.id)) {
    if (document.notes.some((one) => one?.id === note.id)) edit.changeNote(note.id, note);
    else edit.addNote(note);
  }
  for (const field of FIELDS) edit.setField(field, wanted[field]);
}
