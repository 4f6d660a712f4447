// Faces of nodes (exits, lines, variables) by type and settings. The server makes them; known ones are kept, so that undo
// needs no question.

import { start } from "../common.js";
import { post } from "./server.js";

const byKey = new Map();
const lastOf = new Map(); // node id -> the face it had, shown until the new one is here
let waiting = new Map();
let timer = 0;

function key(node) {
  return `${node.type}\n${JSON.stringify(node.config ?? {})}`;
}

export function learn(node, face) {
  byKey.set(key(node), face);
  if (face.exits !== null) lastOf.set(node.id, face);
}

/** The face to show now; `changed(ids)` is called when a better one has come. */
export function faceOf(node, changed) {
  const known = byKey.get(key(node));
  if (known) {
    if (known.exits === null && start.types[node.type]) return { ...known, exits: lastOf.get(node.id)?.exits ?? null };
    lastOf.set(node.id, known);
    return known;
  }
  waiting.set(node.id, node);
  clearTimeout(timer);
  timer = setTimeout(() => ask(changed), 20);
  return lastOf.get(node.id) ?? { exits: null, lines: [], sets: [], valid: false };
}

async function ask(changed) {
  const asked = waiting;
  waiting = new Map();
  const nodes = [...asked.values()].map(({ id, type, config }) => ({ id, type, config: config ?? {} }));
  try {
    const { faces } = await post("faces", { nodes });
    for (const [id, node] of asked) learn(node, faces[id]);
    changed([...asked.keys()]);
  } catch {
    // No answer now: the old faces stay, and the next change asks again.
  }
}
