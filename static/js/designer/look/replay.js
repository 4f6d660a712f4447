// A past call step by step: the way so far is lit, the recording follows.

import { byId, start, t } from "../../common.js";
import { Trail, bringIntoView } from "../trail.js";
import { createViewer, ready } from "./viewer.js";

const studio = createViewer();
const trail = new Trail(studio);
const buttons = [...document.querySelectorAll("[data-step]")];
const audio = byId("audio");
let at = -1;

/** Show the call as it was in this step; `seek`: take the recording there, too. */
function go(to, seek = true) {
  at = Math.max(0, Math.min(to, start.steps.length - 1));
  const step = start.steps[at];
  const own = start.steps.slice(0, at + 1).filter((one) => one.here);
  const here = own.at(-1)?.node ?? null;
  const last = at === start.steps.length - 1;
  const past = own.map((one, n) => (n === own.length - 1 && !last ? { ...one, exit: "" } : one));
  trail.show(past, last && start.failed ? null : here, last && start.failed ? here : null);
  if (here) bringIntoView(studio, here);
  buttons.forEach((button, n) => {
    if (n === at) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  });
  buttons[at].scrollIntoView({ block: "nearest" });
  byId("step-at").textContent = t("step.of", { n: at + 1, all: start.steps.length });
  byId("step-back").disabled = at === 0;
  byId("step-on").disabled = last;
  if (seek && audio && step.seek !== null) {
    audio.currentTime = step.seek;
    audio.dispatchEvent(new Event("timeupdate")); // a browser that has not loaded it yet tells nobody of the new place
  }
}

/** The recording plays on by itself: the steps follow. */
function follow() {
  if (audio.paused) return;
  const now = start.steps.findLastIndex((step) => step.seek !== null && step.seek <= audio.currentTime + 0.05);
  if (now >= 0 && now !== at) go(now, false);
}

if (buttons.length) {
  byId("steps").addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) go(Number(button.dataset.step));
  });
  byId("step-back").addEventListener("click", () => go(at - 1));
  byId("step-on").addEventListener("click", () => go(at + 1));
  document.addEventListener("keydown", (event) => {
    // In a field and on the player's waves the arrows have their own meaning.
    if (event.target.closest("input, select, textarea, [role=slider]") || event.ctrlKey || event.altKey || event.metaKey) return;
    const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: start.steps.length - 1 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(moves[event.key]);
  });
  audio?.addEventListener("timeupdate", follow);
  go(Math.max(0, start.steps.findIndex((step) => step.here)), false); // on the graph of a sub-flow: where it began
}
ready(studio, { go });
