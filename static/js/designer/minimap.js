// The small map: all nodes, what is seen of them; a click or drag goes there.

import { byId } from "../common.js";

const COLOURS = { basic: "#6b7a8c", input: "#1769e0", logic: "#6d4fd0", agent: "#178a55", other: "#a8690a", unknown: "#c4303a" };
const MARGIN = 8;

export function setUpMinimap(studio) {
  const map = byId("minimap");
  const context = map.getContext("2d");
  let scale = 1;
  let origin = { x: 0, y: 0 };
  let asked = false;

  const draw = () => {
    asked = false;
    const views = studio.canvas.views();
    const seen = studio.canvas.seen();
    context.clearRect(0, 0, map.width, map.height);
    if (!views.length) return;
    const bounds = studio.canvas.bounds();
    const x = Math.min(bounds.x, seen.x);
    const y = Math.min(bounds.y, seen.y);
    const width = Math.max(bounds.x + bounds.width, seen.x + seen.width) - x;
    const height = Math.max(bounds.y + bounds.height, seen.y + seen.height) - y;
    scale = Math.min((map.width - 2 * MARGIN) / width, (map.height - 2 * MARGIN) / height);
    origin = { x: x - (map.width / scale - width) / 2, y: y - (map.height / scale - height) / 2 };
    for (const view of views) {
      context.fillStyle = view.note ? "#f2d98a" : COLOURS[view.css.slice(4)] ?? COLOURS.other;
      context.fillRect((view.x - origin.x) * scale, (view.y - origin.y) * scale, Math.max(2, view.width * scale), Math.max(2, view.height * scale));
    }
    context.strokeStyle = "#1769e0";
    context.lineWidth = 1.5;
    context.strokeRect((seen.x - origin.x) * scale, (seen.y - origin.y) * scale, seen.width * scale, seen.height * scale);
  };
  const later = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  };
  const go = (event) => {
    const box = map.getBoundingClientRect();
    studio.canvas.centre({ x: origin.x + ((event.clientX - box.left) * map.width) / box.width / scale, y: origin.y + ((event.clientY - box.top) * map.height) / box.height / scale });
  };
  for (const name of ["change", "look", "load", "faces"]) studio.addEventListener(name, later);
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    go(event);
  });
  map.addEventListener("pointermove", (event) => { if (map.hasPointerCapture(event.pointerId)) go(event); });
}
