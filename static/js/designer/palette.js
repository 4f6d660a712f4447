// The palette: search, drag onto the canvas, Enter or double click to add after what is selected.

import { byId, start } from "../common.js";
import { addNode, freePlace, placeAfter } from "./edits.js";
import { matching } from "./search.js";

export function setUpPalette(studio) {
  const search = byId("palette-search");
  const list = byId("palette-list");
  search.addEventListener("input", () => filter(search.value));
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      const [first] = matching(Object.values(start.types), search.value);
      if (first && search.value.trim()) {
        add(studio, first.type);
        search.value = "";
        filter("");
      }
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      shown()[0]?.focus();
    } else if (event.key === "Escape") {
      search.value = "";
      filter("");
      search.blur();
    }
  });
  list.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const items = shown();
    const next = items.indexOf(document.activeElement) + way;
    (items[next] ?? (way < 0 ? search : items.at(-1)))?.focus();
  });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest(".palette-item");
    if (item && event.button === 0 && !studio.readOnly) drag(studio, item, event);
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest(".palette-item");
    // a mouse drags; Enter and Space add at once
    if (item && event.detail === 0) add(studio, item.dataset.type);
  });
  list.addEventListener("dblclick", (event) => {
    const item = event.target.closest(".palette-item");
    if (item) add(studio, item.dataset.type);
  });
}

function shown() {
  return [...document.querySelectorAll(".palette-item")].filter((item) => item.offsetParent !== null);
}

function filter(text) {
  const found = new Set(matching(Object.values(start.types), text).map((type) => type.type));
  for (const item of document.querySelectorAll(".palette-item")) item.closest("li").hidden = !found.has(item.dataset.type);
  for (const group of document.querySelectorAll(".palette-group")) group.hidden = !group.querySelector("li:not([hidden])");
  byId("palette-none").hidden = Boolean(shown().length);
}

/** After the selected node, on its first open exit; else in the middle of what is seen. */
export function add(studio, type) {
  if (studio.readOnly) return;
  const [after] = studio.selection.nodes;
  const open = after ? studio.canvas.view(after)?.ports.find((port) => !port.used && port.place !== "foot") : null;
  const seen = studio.canvas.seen();
  const place = after ? placeAfter(studio, after) : freePlace(studio, { x: seen.x + seen.width / 2 - 110, y: seen.y + seen.height / 2 - 60 });
  const id = addNode(studio, type, place, open ? { source: after, exit: open.name } : {});
  studio.select({ nodes: [id] });
  studio.canvas.reveal(id);
}

function drag(studio, item, down) {
  let ghost = null;
  const move = (event) => {
    if (!ghost && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 5) return;
    if (!ghost) {
      ghost = item.cloneNode(true);
      ghost.classList.add("palette-ghost");
      document.body.append(ghost);
    }
    event.preventDefault();
    ghost.style.left = `${event.clientX + 4}px`;
    ghost.style.top = `${event.clientY + 4}px`;
  };
  const done = (event) => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", done);
    document.removeEventListener("pointercancel", done);
    ghost?.remove();
    if (!ghost || event.type === "pointercancel") return;
    const under = document.elementFromPoint(event.clientX, event.clientY);
    if (!under?.closest("#canvas")) return;
    const point = studio.canvas.pointAt(event.clientX, event.clientY);
    const id = addNode(studio, item.dataset.type, { x: point.x - 40, y: point.y - 24 });
    studio.select({ nodes: [id] });
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", done);
  document.addEventListener("pointercancel", done);
}
