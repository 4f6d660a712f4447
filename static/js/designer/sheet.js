// A table of the flow as a sheet in a dialog: cells, arrow keys up and down, rows and columns, paste from a spreadsheet.

import { byId, make, t } from "../common.js";
import { glyph } from "./quick.js";
import { cellText, cellValue, nameFault, sheetFault, sheetOf, tableOf } from "./values.js";

const MOST_ROWS = 500;

export function setUpSheet(studio) {
  const dialog = byId("table-dialog");
  const [grid, name, error] = [byId("table-grid"), byId("table-name"), byId("table-error")];
  let sheet = null;
  let was = "";

  const draw = (focus = "") => {
    const head = make("tr", "", headCell(t("data.table.key")), ...sheet.columns.map((column, n) => columnCell(column, n)), make("td"));
    const body = sheet.rows.map((row, n) => make("tr", "", keyCell(row, n), ...row.cells.map((cell, at) => valueCell(row, n, at)), lastCell(n)));
    grid.replaceChildren(make("thead", "", head), make("tbody", "", ...body));
    if (focus) grid.querySelector(`[data-cell="${focus}"]`)?.focus();
  };
  const headCell = (text) => Object.assign(make("th", "", text), { scope: "col" });
  const columnCell = (column, n) => {
    if (sheet.plain) return headCell(t("data.value"));
    const input = cell(column, `-1,${n}`, t("data.table.column", { n: n + 1 }), (text) => { sheet.columns[n] = text.trim(); });
    const remove = tool("x-lg", t("data.remove", { name: column }), () => {
      sheet.columns.splice(n, 1);
      sheet.rows.forEach((row) => row.cells.splice(n, 1));
      draw();
    });
    return Object.assign(make("th", "", make("div", "ref-line", input, remove)), { scope: "col" });
  };
  const keyCell = (row, n) => Object.assign(make("th", "", cell(row.key, `${n},-1`, `${t("data.table.key")} ${n + 1}`, (text) => { row.key = text; })), { scope: "row" });
  const valueCell = (row, n, at) => make("td", "", cell(cellText(row.cells[at]), `${n},${at}`, `${row.key || n + 1} · ${sheet.columns[at] || t("data.value")}`, (text) => { row.cells[at] = cellValue(text, row.cells[at]); }));
  const lastCell = (n) => make("td", "", tool("x-lg", t("data.remove", { name: sheet.rows[n].key || t("data.table.row", { n: n + 1 }) }), () => { sheet.rows.splice(n, 1); draw(`${Math.min(n, sheet.rows.length - 1)},-1`); }));
  const cell = (text, at, label, take) => {
    const input = make("input", "form-control");
    input.value = text;
    input.dataset.cell = at;
    input.spellcheck = false;
    input.setAttribute("aria-label", label);
    input.addEventListener("input", () => { take(input.value); tell(); });
    return input;
  };
  const addRow = () => {
    sheet.rows.push({ key: "", cells: sheet.columns.map(() => undefined) });
    draw(`${sheet.rows.length - 1},-1`);
  };

  const tell = () => {
    const others = Object.keys(studio.document.raw.tables ?? {}).filter((one) => one !== was);
    const named = nameFault(name.value.trim(), others);
    const fault = named ? null : sheetFault(sheet);
    const key = named === "twice" ? "data.table.bad.twice" : named ? `data.bad.${named}` : fault ? `data.table.bad.${fault.wrong}` : "";
    error.textContent = key ? t(key, { name: named ? name.value.trim() : fault?.name ?? "", n: (fault?.at ?? 0) + 1 }) : "";
    error.hidden = !key;
    if (named) name.setAttribute("aria-invalid", "true"); else name.removeAttribute("aria-invalid");
    return !key;
  };

  const write = (edit, table) => {
    const tables = Object.entries(studio.document.raw.tables ?? {}).filter(([one]) => one !== was || table);
    const changed = tables.map(([one, value]) => (one === was ? [name.value.trim(), table] : [one, value]));
    if (table && !was) changed.push([name.value.trim(), table]);
    edit.setField("tables", Object.fromEntries(changed));
  };
  const close = () => { dialog.close(); sheet = null; };

  name.addEventListener("input", () => tell());
  byId("table-add-row").addEventListener("click", addRow);
  byId("table-add-column").addEventListener("click", () => {
    if (sheet.plain) return;
    sheet.columns.push(t("data.table.column", { n: sheet.columns.length + 1 }));
    sheet.rows.forEach((row) => row.cells.push(undefined));
    draw(`-1,${sheet.columns.length - 1}`);
  });
  byId("table-remove").addEventListener("click", () => { studio.run(t("cmd.tables"), (edit) => write(edit, null)); close(); });
  dialog.addEventListener("click", (event) => { if (event.target.closest("[data-close]")) close(); });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!tell()) { error.focus(); return; }
    studio.run(t("cmd.tables"), (edit) => write(edit, tableOf(sheet)));
    close();
  });
  grid.addEventListener("keydown", (event) => {
    const at = event.target.dataset.cell?.split(",").map(Number);
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? (event.key === "Enter" ? 1 : 0);
    if (!at || !way) return;
    event.preventDefault();
    const next = grid.querySelector(`[data-cell="${at[0] + way},${at[1]}"]`);
    if (next) { next.focus(); next.select(); } else if (event.key === "Enter" && at[0] === sheet.rows.length - 1) addRow();
  });
  grid.addEventListener("paste", (event) => {
    const at = event.target.dataset.cell?.split(",").map(Number);
    const text = event.clipboardData.getData("text/plain").replace(/\r/g, "");
    if (!at || at[0] < 0 || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    fill(at, text.replace(/\n$/, "").split("\n").map((one) => one.split("\t")));
    draw(at.join(","));
    tell();
  });
  const fill = ([row, column], lines) => {
    for (const [n, cells] of lines.slice(0, MOST_ROWS).entries()) {
      if (!sheet.rows[row + n]) sheet.rows.push({ key: "", cells: sheet.columns.map(() => undefined) });
      const target = sheet.rows[row + n];
      for (const [m, text] of cells.entries()) {
        const to = column + m;
        if (to === -1) target.key = text.trim();
        else if (to < sheet.columns.length) target.cells[to] = cellValue(text, target.cells[to]);
      }
    }
  };

  const open = (table) => {
    was = table;
    sheet = sheetOf(table ? studio.document.raw.tables[table] : { "": { [t("data.table.column", { n: 1 })]: "" } });
    if (table && !sheet.rows.length) sheet = { plain: false, columns: [t("data.table.column", { n: 1 })], rows: [] };
    name.value = table;
    byId("table-remove").hidden = !table || studio.readOnly;
    byId("table-add-column").hidden = sheet.plain;
    for (const fieldset of dialog.querySelectorAll("fieldset")) fieldset.disabled = studio.readOnly;
    draw();
    error.hidden = true;
    dialog.showModal();
    name.focus();
  };
  return { open };
}

function tool(icon, title, run) {
  const button = make("button", "tool", glyph(icon));
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.addEventListener("click", run);
  return button;
}
