// "What comes next?": a list of node types at a point, opened by dropping a line on nothing or by Tab. Choosing one adds
// the node with its line.

import { byId, make, start, t } from "../common.js";
import { addNode, placeAfter } from "./edits.js";
import { matching } from "./search.js";
import { ENTRY_Y } from "./views.js";

export function setUpQuick(studio) {
  const box = byId("quick");
  const text = byId("quick-text");
  const list = byId("quick-list");
  const kinds = Object.values(start.types).filter((type) => !type.start);
  let from = null;
  let at = 0;

  const close = () => {
    box.hidden = true;
    from = null;
    byId("main").focus();
  };
  const choose = (type) => {
    if (!from || !type) return;
    const { source, exit, point } = from;
    close();
    const id = addNode(studio, type, point, { source, exit });
    studio.select({ nodes: [id] });
    studio.canvas.reveal(id);
  };
  const draw = () => {
    const found = matching(kinds, text.value);
    at = Math.min(at, Math.max(0, found.length - 1));
    list.replaceChildren(...found.map((type, n) => option(type, n === at)));
    if (!found.length) list.append(make("li", "muted", t("palette.none")));
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const open = (what) => {
    if (studio.readOnly) return;
    from = { ...what, point: { x: what.point.x, y: what.point.y - ENTRY_Y } };
    text.value = "";
    at = 0;
    box.hidden = false;
    const stage = byId("main").getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(what.client.x - stage.left, stage.width - 250))}px`;
    box.style.top = `${Math.max(8, Math.min(what.client.y - stage.top, stage.height - 340))}px`;
    draw();
    text.focus();
  };
  text.addEventListener("input", () => { at = 0; draw(); });
  text.addEventListener("keydown", (event) => {
    const count = list.querySelectorAll("[data-type]").length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : count - 1)) % Math.max(1, count);
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(list.querySelectorAll("[data-type]")[at]?.dataset.type);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
  });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-type]");
    event.preventDefault();
    if (item) choose(item.dataset.type);
  });
  text.addEventListener("blur", () => { if (!box.hidden) close(); });
  return { open, after: () => after(studio, open) };
}

function option(type, chosen) {
  const item = make("li", `quick-item cat-${type.category}`);
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", String(chosen));
  item.dataset.type = type.type;
  item.append(glyph(type.icon), make("span", "", type.label));
  return item;
}

export function glyph(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "glyph");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#glyph-${name}`);
  svg.append(use);
  return svg;
}

/** After the selected node, on its first open exit. */
function after(studio, open) {
  const [id] = studio.selection.nodes;
  const view = id ? studio.canvas.view(id) : null;
  const port = view?.ports.find((one) => !one.used && one.place !== "foot");
  if (!port) return false;
  const place = placeAfter(studio, id);
  studio.canvas.focus(id);
  const box = document.querySelector(`[data-node="${CSS.escape(id)}"]`)?.getBoundingClientRect();
  open({ source: id, exit: port.name, point: { x: place.x, y: place.y + ENTRY_Y }, client: { x: (box?.right ?? 400) + 10, y: box?.top ?? 200 } });
  return true;
}
