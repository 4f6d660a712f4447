// A flow that is only looked at: the studio without editing, zoom, and lists whose entries show their node.

import { byId, start } from "../../common.js";
import { Studio } from "../studio.js";
import { bringIntoView } from "../trail.js";

export function createViewer() {
  const ignored = () => {};
  const studio = new Studio(byId("canvas"), { moved: ignored, connected: ignored, dropped: ignored });
  studio.load(start.document, start.faces);
  studio.setReadOnly(true);
  const fit = () => studio.canvas.fit();
  const zooms = { in: () => studio.canvas.zoom(1), out: () => studio.canvas.zoom(-1), 1: () => studio.canvas.zoom({ scale: 1 }), fit };
  const level = () => { byId("zoom-level").textContent = `${Math.round(studio.canvas.zoomLevel() * 100)}%`; };
  studio.addEventListener("look", level);
  document.addEventListener("click", (event) => {
    const zoom = event.target.closest("[data-zoom]");
    if (zoom) zooms[zoom.dataset.zoom]();
    const entry = event.target.closest("button[data-node]");
    if (entry) show(studio, entry.dataset.node);
  });
  new ResizeObserver(() => studio.canvas.resize()).observe(byId("canvas"));
  fit();
  level();
  return studio;
}

/** Select the node and bring it into view. */
export function show(studio, id) {
  if (!studio.document.node(id)) return;
  studio.select({ nodes: [id] });
  bringIntoView(studio, id);
}

/** The page is complete, for the browser tests. */
export function ready(studio, more = {}) {
  document.body.dataset.ready = "";
  window.ccc = { studio, ...more };
}
