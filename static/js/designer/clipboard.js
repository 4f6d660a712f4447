// Copy and paste, across flows and windows: as JSON on the clipboard, and in this browser when there is none.

import { t } from "../common.js";
import { toast } from "../admin/toasts.js";
import { deleteSelected, insert, piece } from "./edits.js";

const KIND = "ccc-flow-piece";
const PLACE = "ccc-flow-clipboard";
let pasted = 0;

export async function copy(studio) {
  const copied = piece(studio);
  if (!copied.nodes.length) return false;
  const text = JSON.stringify({ kind: KIND, ...copied });
  pasted = 0;
  localStorage.setItem(PLACE, text);
  await navigator.clipboard?.writeText(text).catch(() => {}); // not allowed without HTTPS: the browser's own place serves
  toast(t("copied", { n: copied.nodes.length }));
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
  const ids = insert(studio, t("cmd.paste"), found, offset(studio, found));
  studio.select({ nodes: ids });
}

/** Beside the original when that is seen, else into the middle of what is seen. */
function offset(studio, found) {
  const seen = studio.canvas.seen();
  const x = Math.min(...found.nodes.map((node) => node.position?.[0] ?? 0));
  const y = Math.min(...found.nodes.map((node) => node.position?.[1] ?? 0));
  const step = 40 * pasted;
  if (x >= seen.x && x < seen.x + seen.width && y >= seen.y && y < seen.y + seen.height) return { x: step, y: step };
  return { x: seen.x + seen.width / 3 - x + step, y: seen.y + seen.height / 3 - y + step };
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    const usable = value?.kind === KIND && Array.isArray(value.nodes) && Array.isArray(value.edges);
    return usable && value.nodes.every((node) => typeof node?.id === "string" && typeof node.type === "string") ? value : null;
  } catch {
    return null;
  }
}
