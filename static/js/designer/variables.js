// Names of the flow's variables, for completion in the panel.

import { byId, make } from "../common.js";
import { faceOf } from "./faces.js";

export const SYSTEM = ["sys.caller", "sys.callee", "sys.dedicated", "sys.now", "sys.date", "sys.time", "sys.weekday", "sys.id", "sys.direction"];

/** Every variable of the flow: initial values and what nodes set. */
export function variables(studio) {
  const names = new Set(Object.keys(studio.document.raw.variables ?? {}));
  for (const node of studio.document.nodes) for (const name of faceOf(node, () => {}).sets ?? []) names.add(name);
  return [...names].sort();
}

export function setUpVariables(studio) {
  const list = byId("variables");
  const fill = () => list.replaceChildren(...variables(studio).map((name) => Object.assign(make("option"), { value: name })));
  byId("panel").addEventListener("focusin", (event) => { if (event.target.matches("[list=variables]")) fill(); });
}
