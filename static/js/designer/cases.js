// The flow's test cases: kept in the document, so they are saved, undone, copied and published with it.

import { byId, make, t } from "../common.js";
import { say, toast } from "../admin/toasts.js";
import { bringIntoView } from "./trail.js";
import { get, post } from "./server.js";

const AGAIN_MS = 800; // after the last change, while the list is looked at

export class Cases {
  constructor(studio, panel, trail) {
    Object.assign(this, { studio, panel, trail });
    this.page = byId("trial-cases");
    this.dialog = byId("case-dialog");
    this.results = new Map();
    this.part("run").addEventListener("click", () => this.run());
    this.part("from-call").addEventListener("click", () => this.calls());
    this.part("list").addEventListener("click", (event) => this.clicked(event));
    this.part("calls-list").addEventListener("click", (event) => this.fromCall(event));
    this.dialog.addEventListener("submit", (event) => this.named(event));
    this.dialog.addEventListener("click", (event) => { if (event.target.closest("[data-close]")) this.dialog.close(); });
    studio.addEventListener("change", (event) => this.changed(event.detail));
    studio.addEventListener("load", () => this.changed([]));
  }

  get all() { return this.studio.document.raw.tests ?? []; }

  shown() {
    this.draw();
    if (this.results.size) this.run();
  }

  part(name) { return this.page.querySelector(`[data-cases=${name}]`); }

  changed(steps) {
    byId("cases-count").textContent = this.all.length || "";
    if (steps.some((step) => step.list !== "note")) this.results.forEach((result) => { result.stale = true; });
    if (this.page.hidden || !byId("trial").offsetParent) return;
    this.draw();
    clearTimeout(this.timer);
    if (this.results.size) this.timer = setTimeout(() => this.run(), AGAIN_MS);
  }

  /** Ask for a name, then keep the case. */
  add(found) {
    this.waiting = found;
    this.renamed = null;
    this.ask(this.freshName(found.name));
  }

  ask(name) {
    const input = this.dialog.querySelector("[name=name]");
    input.value = name;
    this.dialog.querySelector("[data-cases=taken]").hidden = true;
    this.dialog.showModal();
    input.select();
  }

  freshName(name) {
    const taken = new Set(this.all.map((one) => one.name));
    if (!taken.has(name)) return name;
    for (let n = 2; ; n += 1) if (!taken.has(`${name} ${n}`)) return `${name} ${n}`;
  }

  async named(event) {
    event.preventDefault();
    const name = this.dialog.querySelector("[name=name]").value.trim();
    if (!name) return;
    if (name !== this.renamed && this.all.some((one) => one.name === name)) {
      this.dialog.querySelector("[data-cases=taken]").hidden = false;
      return;
    }
    this.dialog.close();
    if (this.renamed === null) this.put([...this.all, { ...this.waiting, name }]);
    else this.put(this.all.map((one) => (one.name === this.renamed ? { ...one, name } : one)));
    toast(t("case.kept", { name }));
    await this.run();
  }

  put(tests) {
    this.studio.run(t("cmd.cases"), (edit) => edit.setField("tests", tests));
  }

  /** All of them, on the document as it stands on the page. */
  async run() {
    await this.panel.flush();
    this.part("run").disabled = true;
    try {
      const { results, broken } = await post("cases", { document: this.studio.document.raw });
      this.results = new Map(results.map((result) => [result.name, result]));
      this.part("broken").hidden = broken === null;
      this.part("broken").textContent = broken ?? "";
      this.draw();
      say(this.part("summary").textContent);
    } catch (error) {
      toast(error.message, { bad: true });
    } finally {
      this.part("run").disabled = false;
    }
  }

  draw() {
    byId("cases-count").textContent = this.all.length || "";
    const results = this.all.map((one) => this.results.get(one.name));
    const failed = results.filter((result) => result?.failed).length;
    const ran = results.filter(Boolean).length;
    this.part("summary").textContent = !ran ? "" : failed ? t("case.failed", { n: failed, all: ran }) : t("case.passed", { n: ran });
    this.part("summary").className = `tag ${failed ? "tag-bad" : ran ? "tag-good" : ""}`;
    this.part("run").hidden = !this.all.length;
    this.part("empty").hidden = this.all.length > 0;
    this.part("list").replaceChildren(...this.all.map((one, at) => this.item(one, this.results.get(one.name), at)));
  }

  item(one, result, at) {
    const state = !result ? "unknown" : result.failed ? "failed" : "passed";
    const li = make("li", `case is-${state}${result?.stale ? " is-stale" : ""}`);
    li.dataset.at = at;
    const details = make("details");
    details.open = state === "failed";
    const summary = make("summary", "", make("span", `tag ${result?.stale ? "" : { failed: "tag-bad", passed: "tag-good" }[state] ?? ""}`, t(`case.state.${result?.stale ? "stale" : state}`)), make("b", "", one.name));
    details.append(summary);
    if (result?.why) details.append(make("p", "case-why", result.why));
    if (result) details.append(make("ol", "case-lines", ...result.lines.map((text, n) => make("li", n + 1 === result.line ? "is-here" : "", text))));
    const buttons = make("div", "case-buttons");
    const button = (act, text) => {
      const made = make("button", "btn btn-plain btn-sm", text);
      made.type = "button";
      made.dataset.case = act;
      buttons.append(made);
    };
    if (result) button("show", t(result.failed ? "case.show.failed" : "case.show"));
    if (!this.studio.readOnly) {
      button("rename", t("case.rename"));
      button("delete", t("case.delete"));
    }
    details.append(buttons);
    li.append(details);
    return li;
  }

  clicked(event) {
    const button = event.target.closest("[data-case]");
    if (!button) return;
    const one = this.all[Number(button.closest("[data-at]").dataset.at)];
    if (button.dataset.case === "show") this.show(this.results.get(one.name));
    if (button.dataset.case === "delete") this.put(this.all.filter((other) => other !== one));
    if (button.dataset.case === "rename") {
      this.renamed = one.name;
      this.ask(one.name);
    }
  }

  /** Its way on the canvas; the node where it went wrong is selected. */
  show(result) {
    const node = result.failed ? result.node : null;
    this.trail.show(result.steps, null, node);
    const at = node ?? result.steps.at(-1)?.node;
    if (!at) return;
    if (node) this.studio.select({ nodes: [node] });
    bringIntoView(this.studio, at);
  }

  // ---- from a real call ---------------------------------------------------------------------------------------

  async calls() {
    const holder = this.part("calls");
    holder.hidden = !holder.hidden;
    this.part("from-call").setAttribute("aria-expanded", String(!holder.hidden));
    if (holder.hidden) return;
    try {
      const { calls } = await get("calls");
      this.part("no-calls").hidden = calls.length > 0;
      this.part("calls-list").replaceChildren(...calls.map((call) => {
        const button = make("button", "case-call", make("b", "num", call.caller || t("case.anonymous")), make("span", "num muted", call.at), make("span", "", call.keys ? t("tc.key", { key: call.keys }) : ""), make("span", "muted", call.cause));
        button.type = "button";
        button.dataset.call = call.id;
        return make("li", "", button);
      }));
    } catch (error) {
      toast(error.message, { bad: true });
    }
  }

  async fromCall(event) {
    const button = event.target.closest("[data-call]");
    if (!button || this.studio.readOnly) return;
    await this.panel.flush();
    try {
      const found = await post("case-of-call", { document: this.studio.document.raw, call: button.dataset.call });
      if (!found.same) toast(t("case.other"));
      this.add(found.case);
    } catch (error) {
      toast(error.message, { bad: true });
    }
  }
}
