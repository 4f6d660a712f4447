// Keys of a list page: / search, n new, arrows from row to row, x check, ? help. Never while somebody types.

import { byId } from "./dialogs.js";

export function setUpKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.id === "list-search") {
      if (event.key === "ArrowDown") step(event, 1);
      return;
    }
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const act = KEYS[event.key];
    if (act) act(event);
  });
}

const KEYS = {
  "/": (event) => focusSearch(event),
  n: (event) => press(event, byId("list-new")),
  "?": (event) => { event.preventDefault(); byId("keys-dialog").showModal(); },
  ArrowDown: (event) => step(event, 1),
  ArrowUp: (event) => step(event, -1),
  j: (event) => step(event, 1),
  k: (event) => step(event, -1),
  x: (event) => press(event, event.target.closest("tr")?.querySelector("input[name=key]")),
};

function focusSearch(event) {
  const search = byId("list-search");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
}

function press(event, button) {
  if (!button) return;
  event.preventDefault();
  button.click();
}

function step(event, way) {
  if (event.target.closest("details.picker[open]")) return;
  const rows = [...document.querySelectorAll("#list-body tbody tr[data-key]")];
  if (!rows.length) return;
  event.preventDefault();
  const here = rows.indexOf(event.target.closest("tr"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + way))];
  (next.querySelector(".row-open") ?? next.querySelector("input, summary, a"))?.focus();
}
