// The situation of a simulated call: caller, time, variables, agents, hours, outside numbers, tables and servers.

import { make, start, t } from "../common.js";

/** A select for each queue, timetable, agent, number and callback, a number for calls waiting; those there are keep what was chosen. */
export function fillSettings(holder, uses) {
  for (const [kind, outcomes] of Object.entries(start.outcomes)) {
    for (const name of uses[kind] ?? []) {
      if (holder.querySelector(`[data-of="${kind}"][data-name="${CSS.escape(name)}"]`)) continue;
      const select = make("select", "form-control");
      for (const outcome of outcomes) select.append(new Option(t(`sim.${kind}.${outcome}`), outcome));
      holder.append(use(kind, name, select));
      if (kind === "agents") holder.append(use("waiting", name, count()));
    }
  }
}

function use(kind, name, control) {
  control.dataset.of = kind;
  control.dataset.name = name;
  return make("label", "sim-use", make("span", "", t(`sim.of.${kind}`, { name })), control);
}

function count() {
  const input = make("input", "form-control num");
  Object.assign(input, { type: "number", min: 0, max: 1000, value: 0 });
  return input;
}

/** The situation as a test case without lines but those typed ahead. */
export function caseOf(page, name) {
  const value = (field) => page.querySelector(`[name=${field}]`).value.trim();
  const made = { name, caller: value("caller"), steps: [] };
  for (const field of ["at", "callee", "call_id", "dedicated"]) if (value(field)) made[field] = value(field);
  const blocked = value("blacklist").split(/[\s,，;]+/).filter(Boolean);
  if (blocked.length) made.blacklist = blocked;
  const keys = value("ahead");
  if (keys) made.steps.push({ press: keys });
  const variables = pairs(value("variables"));
  if (Object.keys(variables).length) made.variables = variables;
  for (const control of page.querySelectorAll("[data-of]")) {
    const { of: kind, name: what } = control.dataset;
    const chosen = kind === "waiting" ? Math.trunc(Number(control.value)) : control.selectedIndex && control.value;
    if (chosen) made[kind] = { ...made[kind], [what]: chosen };
  }
  return made;
}

/** `name = value` lines; a value that is JSON is taken as such. */
function pairs(text) {
  const found = {};
  for (const line of text.split("\n")) {
    const [, name, raw] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (!name) continue;
    try {
      found[name] = JSON.parse(raw);
    } catch {
      found[name] = raw;
    }
  }
  return found;
}
