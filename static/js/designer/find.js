// Find in the flow: names, types, numbers and texts of nodes and notes; Enter goes from hit to hit.

import { byId, start, t } from "../common.js";
import { isDrawn, isNote, noteKey } from "./views.js";

export function setUpFind(studio) {
  const box = byId("find");
  const text = byId("find-text");
  let hits = [];
  let at = -1;
  const search = () => {
    const wanted = text.value.trim().toLowerCase();
    hits = wanted ? found(studio, wanted) : [];
    at = -1;
    if (hits.length) step(1);
    else show();
  };
  const show = () => {
    byId("find-count").textContent = !text.value.trim() ? "" : hits.length ? t("find.count", { n: at + 1, all: hits.length }) : t("find.none");
  };
  const step = (way) => {
    if (!hits.length) return;
    at = (at + way + hits.length) % hits.length;
    const id = hits[at];
    if (studio.canvas.view(id)) {
      studio.select(isNote(id) ? { notes: [id.slice(5)] } : { nodes: [id] });
      studio.canvas.focus(id);
    }
    show();
    text.focus();
  };
  const close = () => {
    box.hidden = true;
    byId("main").focus();
  };
  text.addEventListener("input", search);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
  });
  return {
    open() {
      box.hidden = false;
      text.focus();
      text.select();
    },
    step,
    close,
  };
}

/** Ids of nodes and keys of notes with the text in them. */
function found(studio, wanted) {
  const nodes = studio.document.nodes.filter((node) => words(node, studio.canvas.view(node.id)).includes(wanted));
  const notes = studio.document.notes.filter((note) => isDrawn(note) && String(note.text ?? "").toLowerCase().includes(wanted));
  return [...nodes.map((node) => node.id), ...notes.map((note) => noteKey(note.id))];
}

/** Everything about the node somebody may look for: what its card shows, its type in both languages, its settings' values. */
function words(node, view) {
  const type = start.types[node.type];
  const shown = view ? [view.title, view.kind, ...view.lines, ...view.ports.map((port) => port.label)] : [];
  return [node.id, node.name, node.note, node.type, ...(type?.names ?? []), ...shown, ...leaves(node.config)].join("\n").toLowerCase();
}

/** The values in settings, however deep; not their names, which nobody sees. */
function leaves(value) {
  if (value === null || value === undefined || typeof value === "boolean") return [];
  if (typeof value === "object") return Object.values(value).flatMap(leaves);
  return [String(value)];
}
