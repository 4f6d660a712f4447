// Exports: ask for one, watch it grow, download it. The list is asked for only while something is unfinished.

import { byId, here, make, setText, start, t } from "../common.js";

const WATCH_MS = 1000;
const UNFINISHED = new Set(["waiting", "running"]);
const list = byId("exports");
let timer = 0;

function size(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}

function text(item) {
  const values = { n: item.rows, m: item.total, size: size(item.bytes), t: item.until, why: item.error };
  return t(`export.${item.state}`, values);
}

function row(item) {
  const known = list.querySelector(`[data-id="${item.id}"]`);
  const element = known ?? make("li", "export", make("b", "", `${item.format.toUpperCase()} · ${item.asked}`),
    make("progress"), make("span", "export-text num"), make("a", "btn btn-plain btn-sm"));
  const [, progress, told, link] = element.children;
  element.dataset.id = item.id;
  element.dataset.state = item.state;
  progress.hidden = !UNFINISHED.has(item.state);
  progress.max = Math.max(1, item.total);
  progress.value = item.rows;
  progress.setAttribute("aria-label", `${item.format.toUpperCase()} ${item.asked}`);
  setText(told, text(item));
  link.hidden = !item.url;
  if (item.url) link.href = item.url;
  setText(link, t("export.download"));
  return element;
}

function show(items) {
  const seen = items.filter((item) => item.state !== "expired");
  list.replaceChildren(...seen.map(row));
  list.hidden = seen.length === 0;
  window.clearTimeout(timer);
  if (items.some((item) => UNFINISHED.has(item.state))) timer = window.setTimeout(look, WATCH_MS);
}

async function look() {
  try {
    const response = await fetch(start.urls.exports, { headers: { Accept: "application/json", ...here } });
    if (response.ok) show((await response.json()).exports);
    else tell((await response.json()).message); // signed out, taken out, the instance deleted: nothing more comes
  } catch {
    timer = window.setTimeout(look, 5 * WATCH_MS); // the web process restarts: the export goes on without us
  }
}

async function ask(format) {
  const body = new URLSearchParams({ ...start.filter, format });
  try {
    const response = await fetch(start.urls.exports, {
      method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": start.csrf, ...here },
    });
    if (!response.ok) throw new Error((await response.json()).message);
    await look();
  } catch (error) {
    tell(error instanceof TypeError ? t("export.offline") : error.message);
  }
}

/** A problem above the exports; the one before goes, and no bar pretends that it still moves. */
function tell(problem) {
  for (const old of list.querySelectorAll(".export-problem")) old.remove();
  for (const bar of list.querySelectorAll("progress")) bar.hidden = true;
  list.prepend(make("li", "export export-problem", problem));
  list.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-export]");
  if (!button) return;
  const menu = byId("export-menu");
  menu.open = false;
  menu.querySelector("summary").focus();
  ask(button.dataset.export);
});

look();
