// The workbench: one connection, one audio object, views that follow the server's snapshot.

import { AgentAudio } from "../audio.js";
import { byId, clock, start, t } from "../common.js";
import { Connection } from "../connection.js";
import { Alerts } from "./alerts.js";
import { CallView } from "./call.js";
import { Handset } from "./handset.js";
import { History } from "./history.js";
import { NoteForm } from "./note.js";
import { Overlay } from "./overlay.js";
import { ScreenPop } from "./pop.js";
import { QueueStrip } from "./queues.js";
import { bindShortcuts } from "./shortcuts.js";
import { SoundDialog } from "./sound.js";
import { StateBar } from "./state.js";
import { Toasts } from "./toasts.js";

const connection = new Connection(start.urls.ticket);
const audio = new AgentAudio();
const toasts = new Toasts(byId("toasts"));

/** Ask the server; a refusal is shown and resolves to null. */
async function act(op, fields) {
  try {
    return await connection.request(op, fields);
  } catch (error) {
    toasts.problem(error);
    return null;
  }
}

const model = { agent: null, state: { state: "offline", reason: "", since: 0 }, call: null, queues: [] };
const handset = new Handset(audio, connection, toasts);
const sound = new SoundDialog(audio, toasts);
const stateBar = new StateBar(act, () => handset.fit());
const queues = new QueueStrip(byId("queues"));
const history = new History(start.urls.history);
const note = new NoteForm(connection);
const callView = new CallView(act, handset, audio);
const alerts = new Alerts(audio);
const overlay = new Overlay();
const pop = new ScreenPop(start.pop, start.user, byId("call-pop"));

function showState(state) {
  model.state = state;
  stateBar.show(state);
  callView.showIdle(state);
}

function showCall(call) {
  const before = model.call;
  model.call = call;
  const group = call && (model.queues.find((queue) => queue.group === call.skill_group)?.title || call.skill_group);
  handset.follow(call);
  callView.show(call, group);
  note.show(call, model.dispositions?.[call?.skill_group] ?? []);
  alerts.follow(call, group, model.agent);
  pop.follow(call);
  if (before && (!call || call.id !== before.id)) history.refreshSoon();
}

connection.addEventListener("hello", ({ detail }) => {
  clock.set(detail.now);
  Object.assign(model, { agent: detail.agent, dispositions: detail.dispositions, queues: detail.queues });
  stateBar.setBreaks(detail.breaks);
  queues.show(detail.queues);
  showState(detail.state);
  showCall(detail.call);
  handset.join();
  note.resend();
});
connection.addEventListener("setup", ({ detail }) => {
  Object.assign(model, { agent: detail.agent, dispositions: detail.dispositions, queues: detail.queues });
  stateBar.setBreaks(detail.breaks);
  queues.show(detail.queues);
  note.offer(model.dispositions?.[model.call?.skill_group] ?? []);
});
connection.addEventListener("agent", ({ detail }) => showState(detail.state));
connection.addEventListener("call", ({ detail }) => showCall(detail.call));
connection.addEventListener("queues", ({ detail }) => {
  model.queues = detail.queues;
  queues.show(detail.queues);
});
connection.addEventListener("chosen", ({ detail }) => {
  const what = t(`state.${detail.state}`) + (detail.reason ? ` · ${detail.reason}` : "");
  toasts.info(t("chosen", { by: detail.by, state: what }));
});
connection.addEventListener("media", ({ detail }) => handset.serverSays(detail.state));
connection.addEventListener("open", () => overlay.lost(null));
connection.addEventListener("lost", ({ detail }) => {
  overlay.lost(detail.again_ms);
  stateBar.setConnected(false);
});
connection.addEventListener("session", () => leave("session"));
connection.addEventListener("bye", ({ detail }) => {
  if (detail.why !== "shutdown") leave(detail.why);
});

/** This page is no longer the agent's: let go of microphone and speaker, and say why. */
function leave(why) {
  audio.ring(false);
  alerts.stop();
  // A signed-out page keeps a running conversation: only the next connection needs a new sign-in.
  if (why !== "session") handset.close();
  overlay.leave(why);
}

byId("lost-retry").addEventListener("click", () => connection.retryNow());
bindShortcuts({ callView, stateBar, sound, note });
window.setInterval(() => {
  stateBar.tick();
  callView.tick();
  note.hurry(callView.hurried);
  queues.tick();
  overlay.tick();
}, 250);

history.load();
handset.openMicrophone();
connection.open();
