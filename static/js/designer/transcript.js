// What happened in a simulated call, node by node, with times in the call and the variables each node changed.

import { hasText, make, start, t } from "../common.js";

/** `fails`: nodes that are let go wrong. */
export function showStays(list, run, fails) {
  list.replaceChildren(...run.stays.map((stay, at) => item(stay, run, at === run.stays.length - 1, fails)));
}

function item(stay, run, last, fails) {
  const li = make("li", `tc-step${last && run.state === "asks" ? " tc-here" : ""}${stay.failure ? " is-failed" : ""}`);
  li.dataset.node = stay.node;
  const way = stay.exit ? start.nodes[stay.type]?.exits[stay.exit] ?? stay.exit : "";
  const head = make("button", "tc-step-head", make("b", "", stay.name || stay.node), make("span", "tag", start.nodes[stay.type]?.label ?? stay.type));
  head.type = "button";
  if (way) head.append(make("span", "tc-exit", `→ ${way}`));
  head.append(make("time", "num muted", t("sim.seconds", { n: stay.at })));
  li.append(head);
  for (const { what, text } of stay.lines) {
    const shown = line(what, text);
    if (shown) li.append(shown);
  }
  for (const [name, value] of Object.entries(stay.changed)) li.append(make("p", "tc-variable", `${name} = ${short(value)}`));
  if (stay.failure) li.append(make("p", "sim-failure", stay.may_fail && fails.has(stay.node) ? t("sim.failing") : stay.failure));
  if (stay.may_fail) {
    const button = make("button", "sim-fail", t(fails.has(stay.node) ? "sim.work" : "sim.fail"));
    button.type = "button";
    button.dataset.fail = "";
    button.append(make("span", "sr-only", ` ${stay.name || stay.node}`));
    li.append(button);
  }
  return li;
}

const HIDDEN = new Set(["answer", "ends", "fails", "trace"]);

function line(what, text) {
  if (HIDDEN.has(what)) return null;
  if (what === "hears") return make("p", "tc-heard", text);
  if (what === "key") return make("p", "tc-key", t("tc.key", { key: text }));
  return make("p", "tc-agent", hasText(`sim.line.${what}`) ? t(`sim.line.${what}`, { text }) : `${what} ${text}`);
}

function short(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
