// Shift and drag on the canvas: select an area. Shift and click: one more, or one less.

import { byId } from "../common.js";
import { swallowClick } from "./clicks.js";

export function setUpBand(studio) {
  const band = byId("band");
  const stage = byId("main");
  byId("canvas").addEventListener("pointerdown", (down) => {
    if (!down.shiftKey || down.button !== 0) return;
    down.preventDefault();
    down.stopPropagation();
    const box = stage.getBoundingClientRect();
    const move = (event) => {
      band.hidden = false;
      const [x, y] = [Math.min(down.clientX, event.clientX), Math.min(down.clientY, event.clientY)];
      band.style.left = `${x - box.left}px`;
      band.style.top = `${y - box.top}px`;
      band.style.width = `${Math.abs(event.clientX - down.clientX)}px`;
      band.style.height = `${Math.abs(event.clientY - down.clientY)}px`;
    };
    const up = (event) => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", up);
      band.hidden = true;
      swallowClick();
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 4) {
        toggle(studio, studio.canvas.pointAt(down.clientX, down.clientY));
        return;
      }
      const one = studio.canvas.pointAt(down.clientX, down.clientY);
      const other = studio.canvas.pointAt(event.clientX, event.clientY);
      const [left, right] = [Math.min(one.x, other.x), Math.max(one.x, other.x)];
      const [top, bottom] = [Math.min(one.y, other.y), Math.max(one.y, other.y)];
      const inside = (view) => view.x < right && view.x + view.width > left && view.y < bottom && view.y + view.height > top;
      const hit = studio.canvas.views().filter(inside);
      studio.select({ nodes: hit.filter((view) => !view.note).map((view) => view.id), notes: hit.filter((view) => view.note).map((view) => view.id.slice(5)) });
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", up);
  }, { capture: true });
}

function toggle(studio, point) {
  const view = studio.canvas.views().findLast((one) => point.x >= one.x && point.x <= one.x + one.width && point.y >= one.y && point.y <= one.y + one.height);
  if (!view) return;
  const [list, id] = view.note ? ["notes", view.id.slice(5)] : ["nodes", view.id];
  const before = studio.selection[list];
  const after = before.includes(id) ? before.filter((one) => one !== id) : [...before, id];
  studio.select({ ...studio.selection, [list]: after });
}
