// The situation of a simulated call: caller, time, variables, agents, hours, outside numbers, tables and servers.

import { make, t } from "../common.js";

const OUTCOMES = {
  agents: ["ready", "busy", "none"],
  hours: ["open", "closed", "holiday"],
  named_agents: ["answers", "no-such-agent", "offline", "busy", "timeout"],
  dials: ["answers", "busy", "no-answer", "refused", "error"],
};

/** A select for each queue, timetable, agent and number; those there are keep what was chosen. */
export function fillSettings(holder, uses) {
  for (const [kind, outcomes] of Object.entries(OUTCOMES)) {
    for (const name of uses[kind] ?? []) {
      if (holder.querySelector(`[data-of="${kind}"][data-name="${CSS.escape(name)}"]`)) continue;
      const select = make("select", "form-control");
      select.dataset.of = kind;
      select.dataset.name = name;
      for (const outcome of outcomes) select.append(new Option(t(`sim.${kind}.${outcome}`), outcome));
      const label = make("label", "sim-use", make("span", "", t(`sim.of.${kind}`, { name })), select);
      holder.append(label);
    }
  }
}

/** The situation as a test case without lines but those typed ahead. */
export function caseOf(page, name) {
  const value = (field) => page.querySelector(`[name=${field}]`).value.trim();
  const made = { name, caller: value("caller"), steps: [] };
  if (value("at")) made.at = value("at");
  const keys = value("ahead");
  if (keys) made.steps.push({ press: keys });
  const variables = pairs(value("variables"));
  if (Object.keys(variables).length) made.variables = variables;
  for (const select of page.querySelectorAll("[data-of]")) {
    if (select.selectedIndex) made[select.dataset.of] = { ...made[select.dataset.of], [select.dataset.name]: select.value };
  }
  if (page.tables) made.tables = page.tables;
  if (page.http) made.http = page.http;
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
