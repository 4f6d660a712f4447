// Lists: checked rows and what to do with them, the row just saved.

import { words } from "./toasts.js";

const checks = () => [...document.querySelectorAll("#list-body tbody input[name=key]")];

export function setUpLists(post) {
  keepPlace();
  document.addEventListener("change", (event) => {
    if (event.target.id === "check-all") {
      for (const box of checks()) box.checked = event.target.checked;
    }
    if (event.target.closest("#list-body")) show();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-bulk]");
    if (button) run(button, post);
    if (event.target.closest("#bulk-none")) uncheck();
    open(event);
  });
}

/** The rows came anew: who was checked stays checked, and the focus stays on its row. */
function keepPlace() {
  let checked = new Set();
  let focused = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "list-body") return;
    checked = new Set(checks().filter((box) => box.checked).map((box) => box.value));
    focused = document.activeElement?.closest("#list-body tr[data-key]")?.dataset.key ?? "";
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.target.id !== "list-body") return;
    for (const box of checks()) box.checked = checked.has(box.value);
    show();
    if (next) pointOut(next);
    else if (focused && document.activeElement === document.body) rowOf(focused)?.querySelector(".row-open")?.focus({ preventScroll: true });
  });
}

function rowOf(key) {
  return [...document.querySelectorAll("#list-body tr[data-key]")].find((one) => one.dataset.key === key);
}

export function uncheck() {
  for (const box of checks()) box.checked = false;
  show();
}

/** A click anywhere in a row opens it, but not one on something that does something itself, nor one that selects text. */
function open(event) {
  const row = event.target.closest("#list-body tbody tr");
  if (!row || event.target.closest("a, button, input, select, label, summary, details, audio") || String(getSelection())) return;
  row.querySelector(".row-open")?.click();
}

function run(button, post) {
  const keys = checks().filter((box) => box.checked).map((box) => box.value);
  if (button.dataset.method === "post") {
    post(button.dataset.bulk, { key: keys });
    return;
  }
  const query = new URLSearchParams(keys.map((key) => ["key", key]));
  htmx.ajax("GET", `${button.dataset.bulk}?${query}`, { target: "#question", swap: "innerHTML" });
}

/** The bar of bulk actions. */
export function show() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const boxes = checks();
  const checked = boxes.filter((box) => box.checked).length;
  bar.hidden = checked === 0;
  document.getElementById("bulk-count").textContent = words.checked.replace("{n}", checked);
  const all = document.getElementById("check-all");
  all.checked = checked > 0 && checked === boxes.length;
  all.indeterminate = checked > 0 && checked < boxes.length;
}

let next = "";

/** Show which row was just saved, when the list comes: not before htmx knows the row, or Enter on it would leave the page. */
export function pointOutNext(key) {
  next = key;
}

function pointOut(key) {
  next = "";
  const row = rowOf(key);
  if (!row) return;
  row.classList.add("just-saved");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector(".row-open")?.focus({ preventScroll: true });
}
