// Keys of the designer; never while somebody types, except those with Ctrl that belong to the page.

const PLAIN = {
  "/": "palette", "?": "help", Delete: "delete", Backspace: "delete", Escape: "select-none", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out",
  0: "fit", 1: "zoom-1", n: "note", t: "trial", F8: "next-problem",
};
const CTRL = { z: "undo", y: "redo", s: "save", f: "find", a: "select-all", c: "copy", x: "cut", v: "paste", d: "duplicate", l: "layout" };
const ALWAYS = new Set(["s", "f"]);
const ARROWS = { ArrowUp: [0, -10], ArrowDown: [0, 10], ArrowLeft: [-10, 0], ArrowRight: [10, 0] };

export function setUpKeys(studio, act) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const typing = Boolean(event.target.closest("input, textarea, select, [contenteditable]"));
    const name = event.ctrlKey || event.metaKey ? ctrl(event, typing) : typing ? null : plain(event, studio, act);
    if (!name || !act[name]) return;
    event.preventDefault();
    act[name]();
  });
}

function ctrl(event, typing) {
  const key = event.key.toLowerCase();
  if (event.key === "Enter") return "next";
  if (event.altKey || (typing && !ALWAYS.has(key))) return null;
  if (key === "z" && event.shiftKey) return "redo";
  // text that is marked on the page is what Ctrl+C means
  if (key === "c" && String(getSelection())) return null;
  return CTRL[key] ?? null;
}

function plain(event, studio, act) {
  if (event.altKey) return null;
  const onCanvas = Boolean(event.target.closest(".stage")) || event.target === document.body;
  if (ARROWS[event.key] && onCanvas && studio.selection.nodes.length + studio.selection.notes.length) {
    event.preventDefault();
    const far = event.shiftKey ? 5 : 1;
    act.nudge(...ARROWS[event.key].map((step) => step * far));
    return null;
  }
  if (event.key === "Tab" && onCanvas && !event.shiftKey && studio.selection.nodes.length === 1) return "next";
  if (event.key.length === 1 && event.target.closest("button") && event.key === " ") return null;
  return PLAIN[event.key] ?? PLAIN[event.key.toLowerCase()] ?? null;
}
