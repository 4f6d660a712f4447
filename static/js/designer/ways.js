// Below a node's settings: where each exit leads, to choose with the keyboard, to follow with a click.

import { byId, make, start, t } from "../common.js";
import { glyph } from "./quick.js";

export function setUpWays(studio, panel) {
  const draw = () => {
    const place = byId("panel").querySelector("[data-ways]");
    const id = panel.node;
    if (!place || id === null || place.closest("form").dataset.node !== id) return;
    const view = studio.canvas.view(id);
    const shape = JSON.stringify(view?.ports.map((port) => [port.name, port.label, studio.document.edgeFrom(id, port.name)?.to, title(studio, studio.document.edgeFrom(id, port.name)?.to)]));
    if (place.dataset.shape === shape) return;
    const focused = place.contains(document.activeElement) ? document.activeElement.dataset.exit : null;
    place.dataset.shape = shape;
    place.hidden = !view?.ports.length;
    place.replaceChildren(make("h3", "", t("ways.title")), ...(view?.ports ?? []).map((port, n) => line(studio, id, port, n)));
    if (focused) place.querySelector(`[data-exit="${CSS.escape(focused)}"]`)?.focus();
  };
  for (const name of ["form", "change", "faces"]) studio.addEventListener(name, draw);
}

function line(studio, id, port, n) {
  const target = studio.document.edgeFrom(id, port.name)?.to ?? "";
  const select = make("select", "form-control", choice(studio, target, true));
  select.id = `way-${n}`;
  select.dataset.exit = port.name;
  select.disabled = studio.readOnly;
  // The list of all nodes is made when somebody wants it: a flow may have thousands.
  const fill = () => {
    if (select.dataset.full) return;
    select.dataset.full = "1";
    const others = studio.document.nodes.filter((node) => !start.types[node.type]?.start && node.id !== target);
    if (target) select.prepend(choice(studio, "", false));
    select.append(...others.map((node) => choice(studio, node.id, false)));
  };
  select.addEventListener("pointerdown", fill);
  select.addEventListener("focus", fill);
  select.addEventListener("change", (event) => {
    event.stopPropagation();
    studio.run(t("cmd.connect"), (edit) => {
      if (select.value) edit.connect(id, port.name, select.value);
      else edit.document.edges.filter((edge) => edge.from === id && edge.exit === port.name).forEach((edge) => edit.removeEdge(edge));
    });
  });
  const label = make("label", "", port.label || port.name);
  label.htmlFor = select.id;
  const go = make("button", "tool", glyph("arrow-right"));
  go.type = "button";
  go.hidden = !studio.document.node(target);
  go.title = t("ways.go", { node: title(studio, target) });
  go.setAttribute("aria-label", go.title);
  go.addEventListener("click", () => { studio.select({ nodes: [target] }); studio.canvas.focus(target); });
  return make("div", "way-line", label, make("div", "ref-line", select, go));
}

function choice(studio, id, chosen) {
  const option = make("option", "", id ? title(studio, id) : t("ways.nowhere"));
  option.value = id;
  option.selected = chosen;
  return option;
}

function title(studio, id) {
  const node = id ? studio.document.node(id) : null;
  if (!node) return id ?? "";
  const name = node.name || start.types[node.type]?.label || node.type;
  return `${name} (${node.id})`;
}
