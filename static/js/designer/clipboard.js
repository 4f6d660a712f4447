// Copy and paste, across flows and windows: as JSON on the clipboard, and in this browser when there is none.

import { t } from "../common.js";
import { toast } from "../admin/toasts.js";
import { deleteSelected, insert, piece } from "./edits.js";
import { isDrawn, placeOf } from "./views.js";

const KIND = "ccc-flow-piece";
const PLACE = "ccc-flow-clipboard";
let pasted = 0;

export async function copy(studio) {
  const copied = piece(studio);
  const count = copied.nodes.length + copied.notes.length;
  if (!count) return false;
  const text = JSON.stringify({ kind: KIND, ...copied });
  pasted = 0;
  localStorage.setItem(PLACE, text);
  await navigator.clipboard?.writeText(text).catch(() => {}); // not allowed without HTTPS: the browser's own place serves
  toast(t("copied", { n: count }));
  return true;
}

export async function cut(studio) {
  if (!studio.readOnly && (await copy(studio))) deleteSelected(studio);
}

export function paste(studio) {
  if (studio.readOnly) return;
  const found = parse(localStorage.getItem(PLACE));
  if (!found) {
    toast(t("paste.nothing"));
    return;
  }
  pasted += 1;
  if (!insert(studio, t("cmd.paste"), found, offset(studio, found))) toast(t("start.once"));
}

/** Beside the original when that is seen, else into the middle of what is seen. */
function offset(studio, found) {
  const seen = studio.canvas.seen();
  const places = [...found.nodes, ...found.notes].map(placeOf);
  const x = Math.min(...places.map((place) => place[0]));
  const y = Math.min(...places.map((place) => place[1]));
  const step = 40 * pasted;
  if (x >= seen.x && x < seen.x + seen.width && y >= seen.y && y < seen.y + seen.height) return { x: step, y: step };
  return { x: seen.x + seen.width / 3 - x + step, y: seen.y + seen.height / 3 - y + step };
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    const usable = value?.kind === KIND && [value.nodes, value.edges, value.notes].every(Array.isArray) && value.notes.every(isDrawn);
    return usable && value.nodes.every((node) => typeof node?.id === "string" && typeof node.type === "string") ? value : null;
  } catch {
    return null;
  }
}
