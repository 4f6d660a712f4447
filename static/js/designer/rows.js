// Rows of the form by keyboard (Alt and an arrow moves, Alt+Delete removes, Alt+Insert adds one), fields that another one
// replaces, links to what a setting names.

import { byId } from "../common.js";

export function setUpRows(studio) {
  const holder = byId("panel");
  holder.addEventListener("keydown", (event) => {
    if (!event.altKey || studio.readOnly) return;
    const act = { ArrowUp: "up", ArrowDown: "down", Delete: "remove", Insert: "add" }[event.key];
    const rows = event.target.closest(".rows");
    if (!act || !rows) return;
    event.preventDefault();
    event.stopPropagation();
    const row = event.target.closest(".row-box");
    const button = act === "add" ? rows.querySelector(":scope > .row-add") : row?.querySelector(`:scope > .row-ops [data-op=${act}]`);
    button?.click();
  }, true);
  holder.addEventListener("change", (event) => { follow(holder); open(holder, event.target); });
  studio.addEventListener("form", ({ detail }) => follow(detail));
}

/** Hide what does not count while the field it names has a value. */
function follow(holder) {
  for (const box of holder.querySelectorAll("[data-unless]")) {
    const other = holder.querySelector(`[name="${CSS.escape(box.dataset.unless)}"]`);
    box.hidden = Boolean(other?.type === "checkbox" ? other.checked : other?.value);
  }
}

function open(holder, select) {
  const link = select.id ? holder.querySelector(`[data-of="${CSS.escape(select.id)}"]`) : null;
  if (!link?.dataset.open) return;
  link.hidden = !select.value;
  link.href = link.dataset.open.replace("__name__", encodeURIComponent(select.value));
}
