// The simulator: what the caller does is chosen step by step; the server runs the call anew in virtual time after each
// decision (docs/designer.md "Test without a phone"). Nothing is kept there.

import { byId, make, t } from "../common.js";
import { say, toast } from "../admin/toasts.js";
import { bringIntoView } from "./trail.js";
import { post } from "./server.js";
import { Answers } from "./answers.js";
import { caseOf, fillSettings } from "./situation.js";
import { showStays } from "./transcript.js";

export function setUpSimulator(studio, panel, trail, keep) {
  const simulator = new Simulator(studio, panel, trail, keep);
  return simulator;
}

class Simulator {
  constructor(studio, panel, trail, keep) {
    Object.assign(this, { studio, panel, trail, keep });
    this.page = byId("trial-simulate");
    this.decisions = [];
    this.run = null;
    this.asking = 0;
    this.answers = new Answers(this.part("answers"), () => this.again());
    this.part("start").addEventListener("click", () => this.begin());
    this.part("back").addEventListener("click", () => this.back());
    this.part("save").addEventListener("click", () => this.save());
    this.part("situation").addEventListener("change", () => { if (this.run) this.again(); });
    this.part("choices").addEventListener("click", (event) => this.chosen(event));
    this.part("choices").addEventListener("submit", (event) => this.typed(event));
    this.part("steps").addEventListener("click", (event) => this.toNode(event));
    this.page.addEventListener("keydown", (event) => this.key(event));
    studio.addEventListener("change", () => { if (this.run) this.part("changed").hidden = false; });
    this.part("rerun").addEventListener("click", () => this.again());
  }

  shown() { if (this.run) this.draw(); else this.look(); }

  closed() {}

  part(name) { return this.page.querySelector(`[data-sim=${name}]`); }

  /** What can be chosen before the first run: the queues, tables and hours the flow names. */
  async look() {
    await this.panel.flush();
    try {
      const found = await post("simulate", { document: this.studio.document.raw, case: { name: "-" }, decisions: [] });
      if (found.uses && !this.run) fillSettings(this.part("uses"), found.uses);
    } catch {
      // Shown when the run is asked for.
    }
  }

  case() { return { ...caseOf(this.page, t("case.new")), ...this.answers.asCase() }; }

  begin() {
    this.decisions = [];
    return this.again();
  }

  back() {
    if (!this.decisions.length) return null;
    this.decisions.pop();
    return this.again();
  }

  /** The same decisions on the document and the situation as they are now. */
  async again() {
    await this.panel.flush();
    this.asking += 1;
    const asking = this.asking;
    this.problem("");
    let run;
    try {
      const body = { document: this.studio.document.raw, case: this.case(), decisions: this.decisions };
      run = await post("simulate", body);
    } catch (error) {
      if (asking === this.asking) this.problem(error.message);
      return;
    }
    if (asking !== this.asking) return;
    this.part("changed").hidden = true;
    this.run = run;
    const focused = document.activeElement;
    this.draw();
    // A button that is gone or disabled now takes the focus with it: keys must still reach the call.
    if (this.page.contains(focused) && (focused.disabled || !focused.offsetParent)) this.page.querySelector(".sim-steps-holder").focus();
  }

  draw() {
    const { run } = this;
    const over = run.state === "ended";
    const invalid = run.state === "invalid";
    this.part("back").disabled = !this.decisions.length;
    this.part("save").hidden = invalid || this.studio.readOnly;
    this.part("start-text").textContent = t("sim.again");
    this.part("problems").replaceChildren(...(invalid ? run.problems.filter((one) => one.severity === "error").map((one) => this.problemItem(one)) : []));
    this.part("problems").hidden = !invalid;
    this.choices(invalid || over ? null : run.asked);
    if (invalid) {
      this.part("steps").replaceChildren();
      this.part("outcome").hidden = true;
      this.trail.clear();
      say(t("sim.invalid"));
      return;
    }
    fillSettings(this.part("uses"), run.uses);
    showStays(this.part("steps"), run, this.answers.fails);
    this.outcome(over);
    this.trail.show(run.stays, over ? null : run.asked.node, run.failed ? run.node : null);
    const here = over ? run.node : run.asked.node;
    if (here) bringIntoView(this.studio, here);
    this.part("steps").lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  outcome(over) {
    const { run } = this;
    const line = this.part("outcome");
    line.hidden = !over;
    line.classList.toggle("is-bad", Boolean(run.failed));
    if (!over) return;
    line.replaceChildren(make("b", "", run.cause_text), make("span", "num", t("sim.seconds", { n: run.duration_s })));
    if (run.failure) line.append(make("p", "", run.failure));
    say(run.cause_text);
  }

  problemItem(problem) {
    const button = make("button", "problem is-error");
    button.type = "button";
    button.append(make("b", "", this.studio.canvas.view(problem.node)?.title ?? t("problems.flow")), make("span", "", problem.text));
    button.addEventListener("click", () => {
      if (!problem.node || !this.studio.document.node(problem.node)) return;
      this.studio.select({ nodes: [problem.node] });
      this.studio.canvas.focus(problem.node);
    });
    return make("li", "", button);
  }

  // ---- choices ------------------------------------------------------------------------------------------------

  choices(asked) {
    for (const form of this.part("choices").querySelectorAll("[data-kind]")) form.hidden = !asked || !form.dataset.kind.split(" ").includes(asked.kind);
    this.part("choices").hidden = !asked;
    if (!asked) return;
    this.part("asked").textContent = t(`sim.asks.${asked.kind}`, { text: asked.text });
    const silent = this.part("silent");
    silent.hidden = asked.wait === null;
    silent.textContent = asked.kind === "queue" ? t("sim.wait") : t("sim.silent", { n: Math.round((asked.wait ?? 0) * 10) / 10 });
    say(this.part("asked").textContent);
  }

  decide(decision) {
    if (this.run?.state !== "asks") return;
    this.decisions.push(decision);
    this.again();
  }

  chosen(event) {
    const button = event.target.closest("[data-key], [data-sim=silent], [data-sim=hangup]");
    if (!button) return;
    if (button.dataset.key) this.decide({ press: button.dataset.key });
    else if (button.dataset.sim === "silent") this.decide({ wait: this.run.asked.wait });
    else this.decide({ hang_up: true });
  }

  /** Several keys, seconds of speech, what a server or a table says. */
  typed(event) {
    event.preventDefault();
    const form = event.target;
    const value = form.elements.value.value.trim();
    if (form.dataset.kind.includes("key")) {
      if (/^[0-9*#A-D]{1,64}$/.test(value)) this.decide({ press: value });
      else toast(t("sim.keys.wrong"), { bad: true });
      form.reset();
    } else if (form.dataset.kind === "message") this.decide({ speak: Number(value) || 5 });
    else this.answer(form, value);
  }

  answer(form, value) {
    const fails = form.elements.fails?.checked ?? false;
    if (this.answers.give(this.run.asked, value, Number(form.elements.status?.value) || 200, fails)) this.again();
    else toast(t("sim.json.wrong"), { bad: true });
  }

  key(event) {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9*#]$/.test(event.key) && this.run?.asked && ["key", "queue", "message"].includes(this.run.asked.kind)) this.decide({ press: event.key });
    else if (event.key === "Backspace") this.back();
    else return;
    event.preventDefault();
  }

  toNode(event) {
    const step = event.target.closest("[data-node]");
    if (event.target.closest("[data-fail]")) {
      this.answers.toggle(step.dataset.node);
      this.again();
      return;
    }
    if (!step || !this.studio.document.node(step.dataset.node) || event.target.closest("summary")) return;
    this.studio.select({ nodes: [step.dataset.node] });
    this.studio.canvas.focus(step.dataset.node);
  }

  save() {
    this.keep({ ...this.case(), steps: this.run.script });
  }

  problem(text) {
    this.part("error").hidden = !text;
    this.part("error").textContent = text;
  }
}
