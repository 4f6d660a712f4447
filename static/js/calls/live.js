// Calls in progress, as the runtime pushes them.

import { byId, clock, duration, icon, make, setText, start, t, timeOfDay } from "../common.js";
import { Connection } from "../connection.js";

const connection = new Connection(start.urls.ticket);
const TONES = { talking: "tag-info", hold: "tag-warn", ringing: "tag-bad", queued: "tag-warn" };
let timers = [];

function setState(text, tone) {
  byId("live-state").className = `tag ${tone}`;
  setText(byId("live-state"), text);
}

function timer(since, className = "num right") {
  const cell = make("td", className);
  timers.push([cell, since]);
  return cell;
}

function row(call) {
  const state = call.state ?? "in_flow";
  const node = call.node_name || call.node || "—";
  const flow = call.flow ? `${call.flow}${call.flow_version ? ` v${call.flow_version}` : ""}` : "";
  const since = timeOfDay(call.started_at);
  return make(
    "tr", "",
    make("td", "num", since),
    make("td", "num", icon(call.direction === "outbound" ? "out" : "in", "way"), call.caller || t("anonymous")),
    make("td", "num", call.callee),
    make("td", "", make("span", `tag ${TONES[state] ?? "tag-good"}`, t(state in start.texts ? state : "in_flow"))),
    make("td", "", node, flow ? make("span", "muted", ` · ${flow}`) : null),
    make("td", "", call.agent || "—"),
    timer(call.node_since),
    timer(call.started_at),
  );
}

function queue(view) {
  return make(
    "span", "live-queue",
    make("b", "", view.title || view.group),
    make("span", "num", t("waiting_n", { n: view.waiting })),
    make("span", "num muted", t("ready_n", { n: view.ready })),
  );
}

connection.addEventListener("live", ({ detail }) => {
  timers = [];
  byId("live-queues").replaceChildren(...(detail.queues ?? []).map(queue));
  byId("live-rows").replaceChildren(...detail.calls.map(row));
  byId("live-table").hidden = detail.calls.length === 0;
  byId("live-empty").hidden = detail.calls.length > 0;
  tick();
});
connection.addEventListener("open", () => setState(t("connected"), "tag-good"));
connection.addEventListener("lost", () => setState(t("lost"), "tag-bad"));
connection.addEventListener("session", () => window.location.assign("/login?next=/calls/live"));

function tick() {
  for (const [cell, since] of timers) setText(cell, duration(clock.since(since)));
}

setState(t("connecting"), "");
window.setInterval(tick, 1000);
connection.open();
