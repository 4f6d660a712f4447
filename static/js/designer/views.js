// What the canvas draws of a node: made from the document, the node's type and its face (exits, lines). No DOM here.

export const WIDTH = 220;
const HEAD = 48;
const LINE = 20;
const ROW = 24;
const FOOT = 8;
export const ENTRY_Y = 24;
export const ERROR = "error";
const KNOWN = ["basic", "input", "logic", "agent"];

/** `{id, x, y, width, height, title, kind, icon, css, lines, ports, entry, bad, warn}`; x and y are the upper left corner. */
export function nodeView(node, { type, face, edges, unknown, errorLabel, targeted = false }) {
  const ports = portsOf(face, edges, errorLabel);
  const rows = ports.filter((port) => port.place === "row");
  const lines = (face?.lines ?? []).slice(0, 2);
  const label = type ? type.label : unknown;
  const body = lines.length * LINE + rows.length * ROW + (lines.length || rows.length ? FOOT : 0);
  const height = Math.ceil((HEAD + body) / 20) * 20;
  let y = HEAD + lines.length * LINE + (lines.length ? 2 : 0);
  for (const port of rows) {
    port.x = WIDTH;
    port.y = y + ROW / 2;
    y += ROW;
  }
  for (const port of ports) {
    if (port.place === "head") [port.x, port.y] = [WIDTH, ENTRY_Y];
    if (port.place === "foot") [port.x, port.y] = [WIDTH / 2, height];
  }
  return {
    id: node.id,
    x: node.position?.[0] ?? 0,
    y: node.position?.[1] ?? 0,
    width: WIDTH,
    height,
    title: node.name || label,
    kind: node.name && node.name !== label ? label : node.id,
    icon: type?.icon ?? "question-diamond",
    css: `cat-${KNOWN.includes(type?.category) ? type.category : type ? "other" : "unknown"}`,
    lines,
    ports,
    entry: !type?.start || targeted, // a line into a start is wrong, but must be seen to be deleted
    remark: Boolean(node.note),
  };
}

const NOTE = { width: 200, line: 18, letters: 26 };

/** A note: `{id: "note:...", note: true, lines, ...}`. What a file written by hand may have in it is read with care. */
export function noteView(note, emptyText) {
  const text = typeof note.text === "string" ? note.text : "";
  const [x, y] = placeOf(note);
  const lines = wrapped(text || emptyText, NOTE.letters).slice(0, 20);
  const height = Math.ceil((lines.length * NOTE.line + 26) / 20) * 20;
  return { id: noteKey(note.id), note: true, x, y, width: NOTE.width, height, title: "", css: text ? "" : "is-empty", lines, ports: [], entry: false };
}

/** Whether a note is one of ours; others (a file may have any value there) are kept and not drawn. */
export function isDrawn(note) {
  return typeof note?.id === "string" && note.id !== "";
}

/** Where it stands. */
export function placeOf(note) {
  const [x, y] = Array.isArray(note.position) ? note.position : [];
  return [Number.isFinite(x) ? x : 0, Number.isFinite(y) ? y : 0];
}

export const noteKey = (id) => `note:${id}`;
export const isNote = (key) => key.startsWith("note:");

/** Lines of about `letters` Latin letters; a Chinese one counts for two. */
function wrapped(text, letters) {
  const lines = [];
  for (const part of text.split("\n")) {
    let line = "";
    let used = 0;
    for (const letter of part) {
      used += letter.charCodeAt(0) > 0x2e7f ? 1.9 : 1;
      if (used > letters) {
        const space = line.lastIndexOf(" ");
        const keep = space > letters / 2 ? space : line.length;
        lines.push(line.slice(0, keep));
        line = line.slice(keep).trimStart();
        used = line.length;
      }
      line += letter;
    }
    lines.push(line);
  }
  return lines;
}

/** Exits in drawing order; exits that only a line knows (of an older type, or while settings cannot be read) come last. */
function portsOf(face, edges, errorLabel) {
  const declared = face?.exits ?? [];
  const lines = new Map(edges.map((edge) => [edge.exit, edge]));
  const ports = declared.map((exit) => ({
    name: exit.name,
    label: exit.label,
    required: exit.required,
    known: true,
    used: lines.has(exit.name),
    place: exit.name === ERROR ? "foot" : exit.only ? "head" : "row",
  }));
  for (const name of lines.keys()) {
    if (declared.some((exit) => exit.name === name)) continue;
    const known = face?.exits === null || face?.exits === undefined;
    ports.push({ name, label: name === ERROR ? errorLabel : name, required: false, known, used: true, place: name === ERROR ? "foot" : "row" });
  }
  return ports;
}
