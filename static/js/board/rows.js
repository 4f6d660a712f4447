// Rows that stay the same elements while what they show changes: a selection or a scroll position survives an update.

import { callerName, clock, duration, hasText, icon, make, setText, start, t } from "../common.js";
import { levelTone, percent, waitTone } from "./figures.js";

/** Make `container` hold one element per item, in order; `create(item)` once, `update(element, item)` each time. */
export function keyed(container, items, key, create, update) {
  const known = new Map([...container.children].map((element) => [element.dataset.key, element]));
  let next = container.firstElementChild;
  for (const item of items) {
    const id = key(item);
    let element = known.get(id);
    known.delete(id);
    if (!element) {
      element = create(item);
      element.dataset.key = id;
    }
    if (element === next) next = next.nextElementSibling;
    else container.insertBefore(element, next);
    update(element, item);
  }
  for (const element of known.values()) element.remove();
}

function tone(element, name) {
  if (name) element.dataset.tone = name;
  else delete element.dataset.tone;
}

function reason(agent) {
  const key = `reason.${agent.reason}`;
  return hasText(key) ? t(key) : agent.reason;
}

export function createAgent(agent) {
  const item = make(
    "li", "agent",
    make("i", "agent-dot"),
    make("span", "agent-name"),
    make("b", "agent-timer num"),
    make("span", "agent-what"),
    make("span", "agent-call num"),
  );
  if (!start.wall) item.append(opener(agent));
  return item;
}

/** Over the whole item; who is not there can be told nothing. */
function opener(agent) {
  const button = make("button", "agent-open");
  button.type = "button";
  button.dataset.name = agent.name;
  button.setAttribute("aria-label", t("change_state", { name: agent.name }));
  button.title = button.getAttribute("aria-label");
  return button;
}

export function updateAgent(element, agent) {
  const [, name, timer, what, call, button] = element.children;
  if (button) button.hidden = agent.state === "offline" && agent.reason !== "";
  element.dataset.state = agent.state;
  setText(name, agent.name);
  setText(timer, agent.state === "offline" ? "" : duration(clock.since(agent.since)));
  setText(what, t(`agent.${agent.state}`) + (agent.reason ? ` · ${reason(agent)}` : ""));
  const shown = agent.call && agent.state !== "ready" ? callerName(agent.call.caller) : "";
  setText(call, shown);
}

export function createQueue() {
  const cells = ["", "right num", "right num", "right num", "right num", "right num", "right num", "right num", "right num"];
  return make("tr", "", ...cells.map((name) => make("td", name)));
}

export function updateQueue(element, queue) {
  const wait = clock.since(queue.longest_since);
  const cells = [
    queue.title,
    String(queue.waiting),
    queue.longest_since ? duration(wait) : "–",
    String(queue.callbacks ?? 0),
    String(queue.ready),
    percent(queue.today.service_level),
    String(queue.today.answered),
    String(queue.today.abandoned),
    queue.today.average_wait_s === null ? "–" : duration(queue.today.average_wait_s),
  ];
  cells.forEach((text, n) => setText(element.children[n], text));
  tone(element.children[1], queue.waiting ? waitTone(wait, queue.service_level_s) || "some" : "");
  tone(element.children[2], waitTone(wait, queue.service_level_s));
  tone(element.children[5], levelTone(queue.today.service_level));
  element.children[5].title = t("within", { s: queue.service_level_s });
}

const CALL_TONES = { talking: "tag-info", hold: "tag-warn", queued: "tag-warn" };

export function createCall(call) {
  const cells = ["num", "num", "", "", "", "", "right num", "right num"].map((name) => make("td", name));
  cells[0].append(icon(call.direction === "outbound" ? "out" : "in", "way"), make("span", "", callerName(call.caller)));
  if (call.direction === "test") cells[0].append(make("span", "tag tag-warn", t("test")));
  cells[2].append(make("span", "tag"));
  return make("tr", "", ...cells);
}

export function updateCall(element, call) {
  const [, callee, state, node, group, agent, there, whole] = element.children;
  const name = call.state in CALL_TONES ? call.state : "flow";
  const ran = call.at?.at(-1) ?? call; // inside a sub-flow: that one
  const flow = ran.flow ? `${ran.flow}${ran.flow_version ? ` v${ran.flow_version}` : ""}` : "";
  setText(callee, call.callee);
  state.firstChild.className = `tag ${CALL_TONES[name] ?? "tag-good"}`;
  setText(state.firstChild, t(`call.${name}`));
  setText(node, [call.node_name || call.node || "—", flow].filter(Boolean).join(" · "));
  setText(group, start.groups[call.skill_group] ?? call.skill_group ?? "—");
  setText(agent, start.names[call.agent] ?? call.agent ?? "—");
  setText(there, duration(clock.since(call.node_since)));
  setText(whole, duration(clock.since(call.started_at)));
}
