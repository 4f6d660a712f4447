// The plots (ECharts on canvas). Tooltips are drawn on the canvas too: a strict CSP allows no inline style.

import { byId, clock, start, t } from "../common.js";
import { byState } from "./figures.js";

const echarts = window.echarts;
const style = getComputedStyle(document.body);
const colour = (name) => style.getPropertyValue(name).trim();
const STATE_COLOURS = {
  talking: "--talk", hold: "--hold", ringing: "--ring", "wrap-up": "--wrap", ready: "--ready", break: "--break", offline: "--off",
};
const two = (n) => String(n).padStart(2, "0");
const size = start.wall ? Math.max(13, Math.round(window.innerWidth / 90)) : 12;

function text(more = {}) {
  return { color: colour("--plot-ink"), fontSize: size, fontFamily: style.fontFamily, ...more };
}

const axisLine = { lineStyle: { color: colour("--plot-line") } };
const value = { type: "value", minInterval: 1, splitNumber: 3, axisLabel: text(), splitLine: { lineStyle: { color: colour("--plot-line") } } };
const common = {
  animation: false,
  textStyle: text(),
  tooltip: { trigger: "axis", renderMode: "richText", confine: true, transitionDuration: 0 },
};

function plot(id) {
  const element = byId(id);
  if (!element) return null;
  const chart = echarts.init(element, null, { renderer: "canvas" });
  new ResizeObserver(() => chart.resize()).observe(element);
  return chart;
}

const calls = plot("plot-calls");
const waiting = plot("plot-waiting");
const agents = plot("plot-agents");
let samples = [];
let shownAgents = "";

function bucketOf(ms, bucketS) {
  const [hour, minute] = new Date(ms).toLocaleTimeString("en-GB", { timeZone: start.timezone, hour12: false }).split(":").map(Number);
  return Math.floor(((hour % 24) * 3600 + minute * 60) / bucketS);
}

/** From the first call of the day (at least two hours back) to now; empty five minutes are shown as empty. */
function drawCalls({ buckets, bucket_s: bucketS }) {
  const now = bucketOf(clock.now(), bucketS);
  const first = Math.max(0, Math.min(now - 7200 / bucketS, ...buckets.map(([n]) => n)));
  const last = Math.max(now, ...buckets.map(([n]) => n));
  const counts = new Map(buckets.map(([n, ...rest]) => [n, rest]));
  const numbers = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  const label = (n) => `${two(Math.floor((n * bucketS) / 3600))}:${two(Math.floor(((n * bucketS) % 3600) / 60))}`;
  const hours = (3600 / bucketS) * Math.max(0.5, Math.ceil(numbers.length / 144));
  const series = [["answered", "--ready"], ["abandoned", "--bad"], ["other", "--plot-other"]].map(([name, tint], place) => ({
    name: t(name), type: "bar", stack: "calls", barCategoryGap: "12%", itemStyle: { color: colour(tint) },
    data: numbers.map((n) => counts.get(n)?.[place] ?? 0),
  }));
  calls.setOption({
    ...common,
    grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
    xAxis: {
      type: "category", data: numbers.map(label), axisLine, axisTick: { show: false },
      axisLabel: text({ interval: (place) => numbers[place] % hours === 0 }),
    },
    yAxis: value,
    series,
  });
  const sum = (place) => buckets.reduce((all, bucket) => all + bucket[place], 0);
  const [a, b, o] = [sum(1), sum(2), sum(3)];
  byId("plot-calls").setAttribute("aria-label", t("plot_calls", { n: a + b + o, a, b }));
}

/** The samples, and the present moment from the newest live message. */
function drawWaiting(now) {
  const data = [...samples, [clock.now(), now]];
  waiting.setOption({
    ...common,
    grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
    xAxis: {
      type: "time", min: clock.now() - 30 * 60_000, max: clock.now(), axisLine, splitNumber: 6,
      axisLabel: text({ hideOverlap: true, formatter: (ms) => new Date(ms).toLocaleTimeString("en-GB", { timeZone: start.timezone, hour: "2-digit", minute: "2-digit" }) }),
    },
    yAxis: { ...value, min: 0, max: (range) => Math.max(range.max, 3) },
    series: [{
      name: t("waiting"), type: "line", step: "end", symbol: "none", data,
      lineStyle: { color: colour("--ring"), width: start.wall ? 3 : 2 }, areaStyle: { color: colour("--ring"), opacity: 0.14 },
    }],
  });
  byId("plot-waiting").setAttribute("aria-label", t("plot_waiting", { n: now, m: Math.max(...data.map(([, n]) => n)) }));
}

export function drawCharts(charts, now) {
  samples = charts.waiting;
  drawCalls(charts);
  drawWaiting(now);
}

export function drawAgents(list) {
  if (!agents) return;
  const counts = byState(list).reverse();
  const key = JSON.stringify(counts);
  if (key === shownAgents) return;
  shownAgents = key;
  agents.setOption({
    ...common,
    grid: { left: 8, right: 34, top: 4, bottom: 4, containLabel: true },
    xAxis: { ...value, axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: { type: "category", data: counts.map(([state]) => t(`agent.${state}`)), axisLabel: text(), axisLine, axisTick: { show: false } },
    series: [{
      type: "bar", barWidth: "62%", label: { show: true, position: "right", ...text({ fontWeight: 600 }) },
      data: counts.map(([state, n]) => ({ value: n, itemStyle: { color: colour(STATE_COLOURS[state]), borderRadius: 3 } })),
    }],
  });
  const told = counts.map(([state, n]) => `${t(`agent.${state}`)}: ${n}`).reverse().join(", ");
  const plot = byId("plot-agents");
  plot.setAttribute("aria-label", told || plot.previousElementSibling.textContent);
}
