// The commands of the designer, each one entry of the undo list.

import { start, t } from "../common.js";
import { freshId } from "./document.js";
import { WIDTH, isDrawn, isNote, placeOf } from "./views.js";

const STEP = 10;
export const GAP_X = 90;
export const GAP_Y = 40;

const snap = (value) => Math.round(value / STEP) * STEP;

export function newNode(document, type, point) {
  const kind = start.types[type];
  return { id: freshId(document, type), type, name: "", config: structuredClone(kind?.config ?? {}), position: [snap(point.x), snap(point.y)], note: "" };
}

/** A node of the type at the point; from `source` and its `exit` when given. Gives its id. */
export function addNode(studio, type, point, { source = null, exit = null } = {}) {
  const node = newNode(studio.document, type, point);
  studio.run(t("cmd.add", { name: start.types[type]?.label ?? type }), (edit) => {
    edit.addNode(node);
    if (source) edit.connect(source, exit, node.id);
  });
  studio.fresh = node.id; // its panel asks for what is missing
  return node.id;
}

export function moveNodes(studio, places) {
  studio.run(t("cmd.move"), (edit) => {
    for (const { id, x, y } of places) {
      if (isNote(id)) edit.changeNote(id.slice(5), { position: [x, y] });
      else edit.changeNode(id, { position: [x, y] });
    }
  });
}

/** A note in the middle of what is seen; its text is written in the side. */
export function addNote(studio) {
  const seen = studio.canvas.seen();
  const id = freshNoteId(studio.document);
  const place = freePlace(studio, { x: seen.x + seen.width / 2 - 100, y: seen.y + seen.height / 2 - 60 });
  studio.run(t("cmd.note"), (edit) => edit.addNote({ id, text: "", position: [place.x, place.y] }));
  studio.select({ notes: [id] });
}

export function connect(studio, source, exit, target) {
  studio.run(t("cmd.connect"), (edit) => edit.connect(source, exit, target));
}

/** What is selected; the start stays, a flow cannot do without. Gives whether something was kept. */
export function deleteSelected(studio) {
  const nodes = studio.selection.nodes.filter((id) => !isOnlyStart(studio, id));
  const edges = studio.selectedEdges();
  const { notes } = studio.selection;
  const label = nodes.length || notes.length ? t("cmd.delete") : t("cmd.disconnect");
  studio.run(label, (edit) => {
    edges.forEach((edge) => edit.removeEdge(edge));
    nodes.forEach((id) => edit.removeNode(id));
    notes.forEach((id) => edit.removeNote(id));
  });
  return nodes.length === studio.selection.nodes.length;
}

function isOnlyStart(studio, id) {
  const starts = studio.document.nodes.filter((node) => start.types[node.type]?.start);
  return starts.length === 1 && starts[0].id === id;
}

/** `{nodes, edges, notes}` (copies) into the document, moved by `offset`; lines between them come along. Selects them. */
export function insert(studio, label, { nodes: found, edges, notes = [] }, offset) {
  const ids = new Map();
  const taken = new Set();
  const hasStart = studio.document.nodes.some((node) => start.types[node.type]?.start);
  const nodes = found.filter((node) => !(hasStart && start.types[node.type]?.start));
  for (const node of nodes) {
    const id = freshId(studio.document, node.id.replace(/_\d+$/, ""), taken);
    taken.add(id);
    ids.set(node.id, id);
  }
  const moved = ([x, y]) => [snap(x + offset.x), snap(y + offset.y)];
  const noteIds = [];
  studio.run(label, (edit) => {
    for (const node of nodes) edit.addNode({ ...structuredClone(node), id: ids.get(node.id), position: moved(placeOf(node)) });
    for (const edge of edges) {
      if (ids.has(edge.from) && ids.has(edge.to)) edit.addEdge({ from: ids.get(edge.from), exit: edge.exit, to: ids.get(edge.to) });
    }
    for (const note of notes) {
      noteIds.push(freshNoteId(studio.document));
      edit.addNote({ ...structuredClone(note), id: noteIds.at(-1), position: moved(placeOf(note)) });
    }
  });
  const count = ids.size + noteIds.length;
  if (count) studio.select({ nodes: [...ids.values()], notes: noteIds });
  return count;
}

function freshNoteId(document) {
  const ids = new Set(document.notes.map((note) => note?.id));
  let n = 1;
  while (ids.has(`note_${n}`)) n += 1;
  return `note_${n}`;
}

/** What is selected, with the lines between its nodes. */
export function piece(studio) {
  const wanted = new Set(studio.selection.nodes);
  const { document, selection } = studio;
  return {
    nodes: structuredClone(document.nodes.filter((node) => wanted.has(node.id))),
    edges: structuredClone(document.edges.filter((edge) => wanted.has(edge.from) && wanted.has(edge.to))),
    notes: structuredClone(document.notes.filter((note) => isDrawn(note) && selection.notes.includes(note.id))),
  };
}

export function align(studio, how) {
  const views = studio.selection.nodes.map((id) => studio.canvas.view(id)).filter(Boolean);
  if (views.length < 2) return;
  studio.run(t("cmd.align"), (edit) => {
    for (const [id, x, y] of aligned(views, how)) edit.changeNode(id, { position: [snap(x), snap(y)] });
  });
}

function aligned(views, how) {
  const left = Math.min(...views.map((view) => view.x));
  const top = Math.min(...views.map((view) => view.y));
  if (how === "left") return views.map((view) => [view.id, left, view.y]);
  if (how === "top") return views.map((view) => [view.id, view.x, top]);
  if (how === "middle") {
    const middle = views.reduce((sum, view) => sum + view.x + view.width / 2, 0) / views.length;
    return views.map((view) => [view.id, middle - view.width / 2, view.y]);
  }
  const sorted = [...views].sort((one, other) => one.y - other.y);
  const bottom = Math.max(...views.map((view) => view.y + view.height));
  const free = bottom - top - views.reduce((sum, view) => sum + view.height, 0);
  const gap = Math.max(GAP_Y, free / (sorted.length - 1));
  let y = top;
  return sorted.map((view) => {
    const place = [view.id, view.x, y];
    y += view.height + gap;
    return place;
  });
}

export function nudge(studio, x, y) {
  studio.run(t("cmd.move"), (edit) => {
    for (const id of studio.selection.nodes) {
      const [left, top] = studio.document.node(id).position ?? [0, 0];
      edit.changeNode(id, { position: [left + x, top + y] });
    }
    for (const note of studio.document.notes.filter((one) => studio.selection.notes.includes(one?.id))) {
      const [left, top] = placeOf(note);
      edit.changeNote(note.id, { position: [left + x, top + y] });
    }
  }, { merge: `nudge ${[...studio.selection.nodes, ...studio.selection.notes].join()}` });
}

/** Free room near the point: below what stands there. */
export function freePlace(studio, point) {
  const place = { x: snap(point.x), y: snap(point.y) };
  for (let tries = 0; tries < 200; tries += 1) {
    const hit = studio.canvas.views().find((view) => place.x < view.x + view.width + 20 && place.x + WIDTH + 20 > view.x && place.y < view.y + view.height + 20 && place.y + 100 > view.y);
    if (!hit) return place;
    place.y = snap(hit.y + hit.height + GAP_Y);
  }
  return place;
}

/** To the right of a node. */
export function placeAfter(studio, id) {
  const view = studio.canvas.view(id);
  return freePlace(studio, { x: view.x + view.width + GAP_X, y: view.y });
}
