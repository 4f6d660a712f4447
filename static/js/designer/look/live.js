// Calls now: a counter on each node, a dot that runs along a line when a call takes it, and who is where.

import { byId, clock, duration, make, start, t } from "../../common.js";
import { Connection } from "../../connection.js";
import { createViewer, ready } from "./viewer.js";

const SVG = "http://www.w3.org/2000/svg";
const RUN_MS = 900;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const studio = createViewer();
const connection = new Connection(start.urls.ticket);
let before = new Map();
let calls = [];
let others = 0;

/** Where the call is on this graph: in the flow it began in and in each sub-flow it is in one node. */
function here(call) {
  return call.at.findLast((one) => one.flow === start.flow && one.flow_version === start.version);
}

function received({ detail }) {
  clock.set(detail.now);
  const ran = detail.calls.filter((call) => call.at.some((one) => one.flow === start.flow));
  calls = ran.filter(here);
  others = ran.length - calls.length;
  const after = new Map();
  for (const call of calls) {
    const { node } = here(call);
    after.set(call.id, node);
    const last = before.get(call.id);
    if (last && last !== node) run(last, node);
  }
  before = after;
  paint();
}

function paint() {
  const counts = new Map();
  for (const node of before.values()) counts.set(node, (counts.get(node) ?? 0) + 1);
  studio.mark("live", new Map([...counts].map(([id, count]) => [id, { count, css: "is-live" }])));
  byId("live-count").textContent = t("live.calls", { n: calls.length });
  byId("live-others").textContent = others ? t("live.others", { n: others }) : "";
  list();
}

function list() {
  const chosen = studio.selection.nodes[0] ?? null;
  const shown = calls.filter((call) => !chosen || before.get(call.id) === chosen);
  if (chosen) byId("live-title").textContent = `${studio.canvas.view(chosen)?.title ?? chosen} · ${t("live.here", { n: shown.length })}`;
  else byId("live-title").textContent = t("live.calls", { n: calls.length });
  byId("live-help").hidden = Boolean(chosen);
  byId("live-calls").replaceChildren(...shown.slice(0, 200).map(row));
  if (!shown.length) byId("live-calls").append(make("li", "muted", t("live.nobody")));
}

function row(call) {
  const node = before.get(call.id);
  const button = make("button", "look-change", make("b", "num", call.caller || t("live.anonymous")), " ");
  button.type = "button";
  button.dataset.node = node;
  const where = studio.canvas.view(node)?.title ?? node;
  const who = call.agent ? ` · ${start.names[call.agent] ?? call.agent}` : "";
  button.append(make("span", "muted", `${where}${who} · ${t("live.since", { t: duration(clock.since(here(call).since)) })}`));
  return make("li", "", button);
}

/** A dot from node to node along the line that joins them. */
function run(from, to) {
  const edge = studio.document.edges.find((one) => one.from === from && one.to === to);
  if (!edge || still.matches || document.hidden) return;
  const key = studio.keyOf(edge);
  const lines = new Map([...(studio.layers.get("lines") ?? []), [key, { css: `is-taken at-${key}` }]]);
  studio.mark("lines", lines);
  requestAnimationFrame(() => requestAnimationFrame(() => dot(key)));
  setTimeout(() => {
    const rest = new Map(studio.layers.get("lines"));
    rest.delete(key);
    studio.mark("lines", rest);
  }, RUN_MS + 200);
}

/** In the window's own coordinates: LogicFlow's drawing is left alone. */
function dot(key) {
  const path = document.querySelector(`.at-${key} .line-path`);
  if (!path) return;
  const layer = byId("dots");
  const box = layer.getBoundingClientRect();
  const length = path.getTotalLength();
  const began = performance.now();
  const circle = document.createElementNS(SVG, "circle");
  circle.setAttribute("r", "6");
  circle.setAttribute("class", "live-dot");
  layer.append(circle);
  const step = (now) => {
    const matrix = path.getScreenCTM();
    const share = Math.min(1, (now - began) / RUN_MS);
    if (!matrix || share >= 1) {
      circle.remove();
      return;
    }
    const point = path.getPointAtLength(length * share).matrixTransform(matrix);
    circle.setAttribute("cx", point.x - box.x);
    circle.setAttribute("cy", point.y - box.y);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

function state(text, tone) {
  byId("live-state").className = `tag ${tone}`;
  byId("live-state").textContent = text;
}

const layer = document.createElementNS(SVG, "svg");
layer.id = "dots";
layer.setAttribute("class", "dots");
layer.setAttribute("aria-hidden", "true");
byId("main").append(layer);
studio.addEventListener("select", list);
connection.addEventListener("live", received);
connection.addEventListener("open", () => state(t("live.on"), "tag-good"));
connection.addEventListener("lost", () => state(t("live.lost"), "tag-bad"));
connection.addEventListener("session", () => location.assign(`/login?next=${encodeURIComponent(location.pathname)}`));
setInterval(() => { if (!document.hidden && calls.length) list(); }, 1000);
connection.open();
paint();
ready(studio);
