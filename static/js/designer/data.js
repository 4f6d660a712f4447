// The flow's own data: initial values of variables, and its tables. Shown with the settings of the flow and of its start.

import { byId, make, start, t } from "../common.js";
import { glyph } from "./quick.js";
import { setUpSheet } from "./sheet.js";
import { KINDS, kindOf, nameFault, textOf, valueOf } from "./values.js";

export function setUpData(studio) {
  const sheet = setUpSheet(studio);
  let rows = [];
  let known = "";

  /** What the document says, unless lines that are not right yet are being written. */
  const refresh = () => {
    const now = JSON.stringify(studio.document.raw.variables ?? {});
    if (now === known) return false;
    known = now;
    rows = Object.entries(studio.document.raw.variables ?? {}).map(([name, value]) => ({ name, kind: kindOf(value), text: textOf(value) }));
    return true;
  };
  const faultOf = (row) => {
    const others = rows.filter((one) => one !== row).map((one) => one.name);
    return nameFault(row.name, others) ?? valueOf(row.kind, row.text).wrong ?? null;
  };
  const keep = (merge) => {
    if (rows.some((row) => faultOf(row))) return;
    const variables = Object.fromEntries(rows.map((row) => [row.name, valueOf(row.kind, row.text).value]));
    known = JSON.stringify(variables);
    studio.run(t("cmd.variables"), (edit) => edit.setField("variables", variables), { merge });
  };

  const show = (box) => {
    refresh();
    box.replaceChildren(...variablesPart(), ...tablesPart());
  };
  const again = (focus) => {
    const box = byId("panel").querySelector("[data-data]");
    if (!box) return;
    show(box);
    if (focus) box.querySelector(focus)?.focus();
  };

  const variablesPart = () => {
    const list = make("div", "data-rows", ...rows.map((row, n) => line(row, n)));
    const add = make("button", "btn btn-plain btn-sm", glyph("plus-lg"), t("data.add"));
    add.type = "button";
    add.hidden = studio.readOnly;
    add.addEventListener("click", () => {
      rows.push({ name: freshName(rows), kind: "text", text: "" });
      keep(null);
      again(`#var-name-${rows.length - 1}`);
      byId(`var-name-${rows.length - 1}`)?.select();
    });
    return [make("h3", "", t("data.variables")), make("p", "hint", t("data.variables.help")), list, add];
  };

  const line = (row, n) => {
    const name = field("input", `var-name-${n}`, t("data.name"), row.name);
    name.spellcheck = false;
    name.dataset.code = "";
    const kind = field("select", `var-kind-${n}`, `${t("data.kind")} ${row.name}`);
    kind.append(...KINDS.map((one) => Object.assign(make("option", "", t(`data.kind.${one}`)), { value: one, selected: one === row.kind })));
    const value = valueField(row, n);
    const error = make("p", "field-error");
    error.id = `var-error-${n}`;
    error.setAttribute("role", "status");
    const tell = () => {
      const fault = faultOf(row);
      const named = fault && ["name", "word", "twice"].includes(fault);
      error.textContent = fault ? `${t(`data.bad.${fault}`, { name: row.name })} ${t("data.kept")}` : "";
      error.hidden = !fault;
      name.toggleAttribute("aria-invalid", Boolean(named));
      value.toggleAttribute("aria-invalid", Boolean(fault && !named));
      for (const input of [name, value]) if (input.hasAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
    };
    name.addEventListener("input", () => { row.name = name.value.trim(); tell(); keep(`variable ${n}`); });
    value.addEventListener("input", () => { row.text = value.value; tell(); keep(`variable ${n}`); });
    kind.addEventListener("change", () => {
      if (kind.value === "bool" && row.kind !== "bool") row.text = row.text === "yes" ? "yes" : "no";
      row.kind = kind.value;
      keep(null);
      again(`#var-kind-${n}`);
    });
    const remove = tool("x-lg", t("data.remove", { name: row.name }), () => {
      rows.splice(n, 1);
      keep(null);
      again(rows.length ? `#var-name-${Math.min(n, rows.length - 1)}` : ".data-rows + .btn");
    });
    remove.hidden = studio.readOnly;
    for (const input of [name, kind, value]) { input.disabled = studio.readOnly; input.setAttribute("aria-describedby", error.id); }
    tell();
    return make("div", "data-row", name, kind, value, remove, error);
  };

  const tablesPart = () => {
    const tables = Object.entries(studio.document.raw.tables ?? {});
    const items = tables.map(([name, table]) => {
      const open = make("button", "btn btn-plain btn-sm", glyph("table"), name);
      open.type = "button";
      open.addEventListener("click", () => sheet.open(name));
      const columns = new Set(Object.values(table).flatMap((row) => (row && typeof row === "object" ? Object.keys(row) : [""])));
      return make("div", "data-table", open, make("span", "muted num", t("data.table.size", { rows: Object.keys(table).length, columns: columns.size })));
    });
    const add = make("button", "btn btn-plain btn-sm", glyph("plus-lg"), t("data.table.add"));
    add.type = "button";
    add.hidden = studio.readOnly;
    add.addEventListener("click", () => sheet.open(""));
    return [make("h3", "", t("data.tables")), make("p", "hint", t("data.tables.help")), ...items, add];
  };

  studio.addEventListener("change", (event) => {
    if (!event.detail?.some((step) => step.field === "variables" || step.field === "tables")) return;
    const typing = document.activeElement?.closest?.("[data-data]");
    if (refresh() || !typing) again(typing ? `#${CSS.escape(document.activeElement.id)}` : null);
  });
  studio.addEventListener("load", () => { known = ""; });
  studio.addEventListener("form", ({ detail }) => {
    const node = studio.document.node(detail.dataset.node);
    const box = detail.querySelector("[data-data]");
    if (box && start.types[node?.type]?.start) show(box);
  });
  studio.addEventListener("aside", ({ detail }) => { if (detail === "flow") again(null); });
}

function field(tag, id, label, value = "") {
  const input = make(tag, "form-control");
  input.id = id;
  input.setAttribute("aria-label", label);
  if (tag === "input") { input.value = value; input.autocomplete = "off"; }
  return input;
}

function valueField(row, n) {
  const id = `var-value-${n}`;
  const label = `${t("data.value")} ${row.name}`;
  if (row.kind === "bool") {
    const select = field("select", id, label);
    for (const one of ["yes", "no"]) select.append(Object.assign(make("option", "", t(`data.${one}`)), { value: one, selected: one === row.text }));
    return select;
  }
  const input = field("input", id, label, row.kind === "null" ? "" : row.text);
  if (row.kind === "null") input.readOnly = true;
  if (row.kind === "json") input.dataset.code = "";
  return input;
}

function tool(name, title, run) {
  const button = make("button", "tool", glyph(name));
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.addEventListener("click", run);
  return button;
}

function freshName(rows) {
  for (let n = rows.length + 1; ; n += 1) if (!rows.some((row) => row.name === `value_${n}`)) return `value_${n}`;
}
