// Shift and drag on the canvas: select an area.

import { byId } from "../common.js";

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
