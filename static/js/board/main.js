// The live board and the wallboard: one message of `/rt/live` is the whole picture; timers run on in between.

import { byId, clock, duration, hasText, make, setText, start, t } from "../common.js";
import { Connection } from "../connection.js";
import { setUpAgentDialog } from "./agent.js";
import { drawClosed } from "./closed.js";
import { inOrder, levelTone, narrowed, percent, totals, waitTone } from "./figures.js";
import { drawAgents, drawCharts } from "./plots.js";
import { createAgent, createCall, createQueue, keyed, updateAgent, updateCall, updateQueue } from "./rows.js";
import { fullScreen } from "./wall.js";

const TICK_MS = 1000;
const MOST_CALLS = 200;
const SAID_MS = 6000;
const connection = new Connection(start.urls.ticket);
const stale = document.querySelector("[data-stale]");
const select = byId("group");
let live = null;
let charts = null;
let timer = 0;

function setState(text, tone) {
  const element = byId("board-state");
  element.className = `tag ${tone}`;
  setText(element, text);
}

function tile(id, value, note, tone = "") {
  const element = byId(`tile-${id}`);
  setText(element.querySelector("[data-value]"), String(value));
  setText(element.querySelector("[data-note]"), note || " ");
  if (tone) element.dataset.tone = tone;
  else delete element.dataset.tone;
}

function tiles(sum) {
  const wait = clock.since(sum.longest_since);
  const waits = sum.longest_since ? t("longest", { t: duration(wait) }) : t("nobody_waits");
  tile("waiting", sum.waiting, waits, waitTone(wait, sum.level_s ?? 20));
  tile("ready", sum.ready, t("of_working", { n: sum.working }), sum.waiting && !sum.ready ? "warn" : "");
  tile("calls", sum.calls, `${sum.busy} ${t("on_calls")}`);
  tile("level", percent(sum.level), sum.level_s ? t("within", { s: sum.level_s }) : "", levelTone(sum.level));
  tile("answered", sum.answered, sum.average_wait_s === null ? "" : t("average", { t: duration(sum.average_wait_s) }));
  tile("abandoned", sum.abandoned, sum.abandoned_share === null ? "" : t("share", { p: percent(sum.abandoned_share) }),
    sum.abandoned_share > 0.1 ? "warn" : "");
}

function rows(shown) {
  keyed(byId("queue-rows"), shown.queues, (queue) => queue.group, createQueue, updateQueue);
  byId("queues-empty").hidden = shown.queues.length > 0;
  const agents = start.wall ? shown.agents.filter((agent) => agent.state !== "offline") : shown.agents;
  keyed(byId("agents"), inOrder(agents), (agent) => agent.user, createAgent, updateAgent);
  byId("agents-empty").hidden = agents.length > 0;
  if (start.wall) {
    whatFits(byId("agents"));
    return;
  }
  const calls = [...shown.calls].sort((a, b) => a.started_at - b.started_at).slice(0, MOST_CALLS);
  keyed(byId("call-rows"), calls, (call) => call.id, createCall, updateCall);
  byId("calls-table").hidden = calls.length === 0;
  byId("calls-empty").hidden = calls.length > 0;
  byId("calls-more").hidden = shown.calls.length <= MOST_CALLS;
  setText(byId("calls-more"), `+ ${shown.calls.length - MOST_CALLS}`);
}

/** Whole agents only: nobody scrolls a wallboard. */
function whatFits(list) {
  const bottom = list.parentElement.getBoundingClientRect().bottom;
  const items = [...list.children];
  for (const item of items) item.hidden = false;
  const out = items.filter((item) => item.getBoundingClientRect().bottom > bottom);
  for (const item of out) item.hidden = true;
  setText(byId("agents-more"), out.length ? t("more", { n: out.length }) : "");
}

/** At once after a message, else once a second: never more often. */
function paint() {
  window.clearTimeout(timer);
  timer = window.setTimeout(paint, TICK_MS);
  if (start.wall) setText(byId("wall-clock"), new Date(clock.now()).toLocaleTimeString("en-GB", { timeZone: start.timezone }));
  if (live === null || document.hidden) return;
  const shown = narrowed(live, select?.value ?? "");
  const sum = totals(shown);
  tiles(sum);
  rows(shown);
  drawAgents(shown.agents);
  if (charts !== null) {
    drawCharts(charts, totals(live).waiting);
    charts = null;
  }
}

/** A word on what was done, for a while. */
function tell(text, bad) {
  const said = make("div", `note-toast ${bad ? "toast-bad" : "toast-info"}`, text);
  byId("board-said").replaceChildren(said);
  window.setTimeout(() => said.remove(), SAID_MS);
}

function options(queues) {
  if (!select || select.options.length - 1 === queues.length) return;
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...queues.map((queue) => {
    const option = make("option", "", queue.title);
    option.value = queue.group;
    return option;
  }));
  select.value = queues.some((queue) => queue.group === chosen) ? chosen : "";
}

connection.addEventListener("live", ({ detail }) => {
  live = detail;
  clock.set(detail.now);
  options(detail.queues);
  drawClosed(byId("closed"), detail.closed ?? []);
  byId("refusing").hidden = !detail.refusing;
  setText(byId("refusing"), detail.refusing ? t(`refusing.${detail.refusing}`) : "");
  delete stale.dataset.stale;
  paint();
});
connection.addEventListener("charts", ({ detail }) => { charts = detail; }); // drawn with the next tick
connection.addEventListener("open", () => setState(t("connected"), "tag-good"));
connection.addEventListener("lost", () => {
  stale.dataset.stale = ""; // old figures must not look like new ones
  setState(t("lost"), "tag-bad");
});
connection.addEventListener("bye", ({ detail }) => {
  if (!hasText(`bye.${detail.why}`)) return;
  stale.dataset.stale = "";
  setState(t(`bye.${detail.why}`), "tag-bad");
});
connection.addEventListener("session", () => window.location.assign(`/login?next=${start.urls.page}`));
select?.addEventListener("change", paint);
document.addEventListener("visibilitychange", () => { if (!document.hidden) paint(); });

setState(t("connecting"), "");
if (start.wall) fullScreen(byId("full-screen"));
else setUpAgentDialog(byId("agents"), tell);
connection.open();
paint();
