// Find in the flow: names, types, numbers and texts of the nodes; Enter goes from hit to hit.

import { byId, start, t } from "../common.js";

export function setUpFind(studio) {
  const box = byId("find");
  const text = byId("find-text");
  let hits = [];
  let at = -1;
  const search = () => {
    const wanted = text.value.trim().toLowerCase();
    hits = wanted ? studio.document.nodes.filter((node) => words(node).includes(wanted)).map((node) => node.id) : [];
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
    if (studio.document.node(hits[at])) {
      studio.select({ nodes: [hits[at]] });
      studio.canvas.focus(hits[at]);
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

/** Everything about the node somebody may look for: its type in both languages, and every text in its settings. */
function words(node) {
  const type = start.types[node.type];
  return [node.id, node.name, node.note, node.type, ...(type?.names ?? []), JSON.stringify(node.config ?? {})].join("\n").toLowerCase();
}
