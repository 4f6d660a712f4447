// Initial values of variables and cells of tables: what somebody types <-> JSON values. No DOM; run by Node.js in the tests.

export const KINDS = ["text", "number", "bool", "json", "null"];
const WORDS = new Set(["and", "or", "not", "in", "true", "false", "null", "sys"]);
const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

export function kindOf(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "bool" : "json";
}

export function textOf(value) {
  const kind = kindOf(value);
  if (kind === "null") return "";
  if (kind === "bool") return value ? "yes" : "no";
  return kind === "text" ? value : JSON.stringify(value);
}

/** `{value}` or `{wrong}`: `number`, `json`. */
export function valueOf(kind, text) {
  if (kind === "text") return { value: text };
  if (kind === "null") return { value: null };
  if (kind === "bool") return { value: text === "yes" };
  try {
    const value = JSON.parse(text.trim());
    if (kind === "number") return typeof value === "number" && Number.isFinite(value) ? { value } : { wrong: "number" };
    return typeof value === "object" && value !== null ? { value } : { wrong: "json" };
  } catch {
    return { wrong: kind };
  }
}

/** What is wrong with the name: `name`, `word`, `twice`; null when it is good. */
export function nameFault(name, others) {
  if (!NAME.test(name) || name.length > 64) return "name";
  if (WORDS.has(name)) return "word";
  return others.includes(name) ? "twice" : null;
}

/** A table `{key: row}` as a sheet `{columns: [name], rows: [{key, cells: [value]}], plain}`; `plain`: rows are values. */
export function sheetOf(table) {
  const rows = Object.entries(table ?? {});
  const flat = rows.length > 0 && rows.every(([, row]) => row === null || typeof row !== "object" || Array.isArray(row));
  if (flat) return { plain: true, columns: [""], rows: rows.map(([key, value]) => ({ key, cells: [value] })) };
  const columns = [];
  for (const [, row] of rows) for (const name of Object.keys(isRow(row) ? row : {})) if (!columns.includes(name)) columns.push(name);
  return { plain: false, columns, rows: rows.map(([key, row]) => ({ key, cells: columns.map((name) => (isRow(row) ? row[name] : undefined)), odd: isRow(row) ? undefined : row })) };
}

function isRow(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function tableOf(sheet) {
  const table = {};
  for (const { key, cells, odd } of sheet.rows) {
    if (sheet.plain) table[key] = cells[0] ?? null;
    else if (odd !== undefined && cells.every((cell) => cell === undefined)) table[key] = odd;
    else table[key] = Object.fromEntries(sheet.columns.map((name, n) => [name, cells[n]]).filter(([, cell]) => cell !== undefined));
  }
  return table;
}

/** How a cell is shown; numbers, lists and the like as JSON. */
export function cellText(value) {
  return value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/** A cell as typed: of the kind it had, when it can be; else a text. Empty: not there. */
export function cellValue(text, before) {
  if (text === cellText(before)) return before;
  if (text === "") return undefined;
  if (before !== undefined && typeof before !== "string") {
    try {
      const value = JSON.parse(text);
      if (typeof value === typeof before) return value;
    } catch { /* a text, then */ }
  }
  return text;
}

/** `{at, wrong: "empty" | "key" | "column", name}` of the first fault of a sheet; null: none. */
export function sheetFault(sheet) {
  const keys = new Set();
  for (const [at, { key }] of sheet.rows.entries()) {
    if (key === "") return { at, wrong: "empty" };
    if (keys.has(key)) return { at, wrong: "key", name: key };
    keys.add(key);
  }
  if (!sheet.plain && new Set(sheet.columns).size < sheet.columns.length) return { wrong: "column" };
  return !sheet.plain && sheet.columns.includes("") ? { wrong: "column" } : null;
}
