// What the buttons and the keys do, by name.

import { byId, start, t } from "../common.js";
import { say, toast } from "../admin/toasts.js";
import { copy, cut, paste } from "./clipboard.js";
import { addNote, align, deleteSelected, insert, nudge, piece } from "./edits.js";
import { post } from "./server.js";
import { isDrawn } from "./views.js";

export function setUpActions(parts) {
  const { studio, panel, draft, problems, publish, find, quick, trial } = parts;
  const canvas = studio.canvas;
  const acts = {
    undo: () => tell(studio, "undo"),
    redo: () => tell(studio, "redo"),
    save: () => save(panel, draft),
    publish: () => { if (start.may_publish) publish.open(); },
    layout: () => layout(studio),
    note: () => { if (!studio.readOnly) addNote(studio); },
    delete: () => { if (!deleteSelected(studio)) toast(t("delete.start")); },
    duplicate: () => duplicate(studio),
    copy: () => copy(studio),
    cut: () => cut(studio),
    paste: () => paste(studio),
    "select-all": () => studio.select({ nodes: studio.document.nodes.map((node) => node.id), notes: studio.document.notes.filter(isDrawn).map((note) => note.id) }),
    "select-none": () => studio.select({}),
    flow: () => studio.select({}),
    "align-left": () => align(studio, "left"),
    "align-middle": () => align(studio, "middle"),
    "align-top": () => align(studio, "top"),
    "spread-y": () => align(studio, "spread"),
    "zoom-in": () => canvas.zoom(1),
    "zoom-out": () => canvas.zoom(-1),
    "zoom-1": () => canvas.zoom({ scale: 1 }),
    fit: () => canvas.fit(),
    find: () => find.open(),
    "find-on": () => find.step(1),
    "find-back": () => find.step(-1),
    "find-close": () => find.close(),
    "next-problem": () => problems.next(),
    next: () => { if (!studio.readOnly && !quick.after()) toast(t("next.none")); },
    trial: () => trial.toggle(),
    help: () => byId("keys-dialog").showModal(),
    palette: () => { byId("palette-search").focus(); byId("palette-search").select(); },
    nudge: (x, y) => nudge(studio, x, y),
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button && !button.disabled) acts[button.dataset.act]?.();
    if (event.target.closest("#keys-dialog [data-close]")) byId("keys-dialog").close();
  });
  studio.addEventListener("look", () => showZoom(canvas));
  studio.addEventListener("select", () => showAlign(studio));
  studio.addEventListener("change", () => showUndo(studio));
  studio.addEventListener("load", () => { showUndo(studio); showZoom(canvas); });
  return acts;
}

function tell(studio, way) {
  if (studio.readOnly) return;
  const done = studio.stack[way]();
  say(done ? t(way === "undo" ? "undone" : "redone", { what: done.label }) : t(`${way}.nothing`));
}

async function save(panel, draft) {
  const typed = await panel.flush();
  if ((await draft.save()) && typed) toast(t("draft.saved"));
}

function duplicate(studio) {
  const chosen = piece(studio);
  if (!chosen.nodes.length && !chosen.notes.length) return;
  if (!studio.readOnly && !insert(studio, t("cmd.duplicate"), chosen, { x: 40, y: 40 })) toast(t("start.once"));
}

/** Positions come from the server (networkx); one command takes them. */
async function layout(studio) {
  if (studio.readOnly) return;
  const boxes = studio.canvas.views().filter((view) => !view.note).map(({ id, width, height }) => ({ id, width, height }));
  const ways = studio.document.edges.map((edge) => ({ source: edge.from, target: edge.to, order: order(studio, edge) }));
  const starts = studio.document.nodes.filter((node) => start.types[node.type]?.start).map((node) => node.id);
  try {
    const { places } = await post("layout", { boxes, ways, starts });
    studio.run(t("cmd.layout"), (edit) => {
      for (const [id, position] of Object.entries(places)) edit.changeNode(id, { position });
    });
    studio.canvas.fit();
    say(t("layout.done"));
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

function order(studio, edge) {
  const ports = studio.canvas.view(edge.from)?.ports ?? [];
  const at = ports.findIndex((port) => port.name === edge.exit);
  return at < 0 || ports[at].place === "foot" ? ports.length : at;
}

function showZoom(canvas) {
  byId("zoom-level").textContent = `${Math.round(canvas.zoomLevel() * 100)}%`;
}

function showAlign(studio) {
  const many = studio.selection.nodes.length > 1;
  byId("align").hidden = !many;
  if (many) byId("align-count").textContent = t("selected", { n: studio.selection.nodes.length });
}

function showUndo(studio) {
  document.querySelector("[data-act=undo]").disabled = !studio.stack.past.length;
  document.querySelector("[data-act=redo]").disabled = !studio.stack.future.length;
  byId("stage-empty").hidden = studio.document.nodes.length > 1;
}
