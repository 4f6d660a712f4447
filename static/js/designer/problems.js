// The list of problems below the canvas: counts, a click brings the node into view, marks on the nodes.

import { byId, make, t } from "../common.js";

export class Problems {
  constructor(studio, panel) {
    this.studio = studio;
    this.panel = panel;
    this.list = byId("problems-list");
    this.toggle = byId("problems-toggle");
    this.all = [];
    this.at = -1;
    this.toggle.addEventListener("click", () => this.open(this.list.hidden));
    this.list.addEventListener("click", (event) => {
      const mend = event.target.closest("[data-mend]");
      const item = event.target.closest("[data-at]");
      if (mend) this.mend(Number(mend.dataset.mend));
      else if (item) this.go(Number(item.dataset.at));
    });
    studio.addEventListener("load", () => this.mark());
  }

  open(yes) {
    this.list.hidden = !yes;
    this.toggle.setAttribute("aria-expanded", String(yes));
  }

  show(problems) {
    this.all = problems;
    this.panel.found(problems);
    const errors = problems.filter((problem) => problem.severity === "error").length;
    const warnings = problems.length - errors;
    const count = byId("problems-count");
    count.replaceChildren();
    if (!problems.length) count.append(make("span", "tag tag-good", t("problems.none")));
    if (errors) count.append(make("span", "tag tag-bad", errors === 1 ? t("problems.error") : t("problems.errors", { n: errors })));
    if (warnings) count.append(make("span", "tag tag-warn", warnings === 1 ? t("problems.warning") : t("problems.warnings", { n: warnings })));
    this.list.replaceChildren(...problems.map((problem, at) => this.item(problem, at)));
    if (!problems.length) this.open(false);
    this.toggle.disabled = !problems.length;
    this.mark();
  }

  item(problem, at) {
    const button = make("button", `problem is-${problem.severity}`);
    button.type = "button";
    button.dataset.at = at;
    const view = problem.node === null ? null : this.studio.canvas.view(problem.node);
    button.append(make("b", "", view ? view.title : problem.node ?? t("problems.flow")), make("span", "", problem.text));
    const row = make("li", "", button);
    const line = /^edges\.(\d+)\./.exec(problem.code === "dangling-edge" ? problem.field : "")?.[1];
    if (line !== undefined) row.append(this.mender(line));
    return row;
  }

  /** A line that has no node at one end is not drawn: it can be deleted here only. */
  mender(line) {
    const button = make("button", "btn btn-plain btn-sm", t("problems.delete_line"));
    button.type = "button";
    button.dataset.mend = line;
    return button;
  }

  mend(line) {
    const { document } = this.studio;
    const edge = document.edges[line];
    if (edge && !(document.node(edge.from) && document.node(edge.to))) this.studio.run(t("cmd.disconnect"), (edit) => edit.removeEdge(edge));
  }

  go(at) {
    this.at = at;
    const problem = this.all[at];
    if (!problem?.node || !this.studio.document.node(problem.node)) return;
    this.studio.select({ nodes: [problem.node] });
    this.studio.canvas.focus(problem.node);
  }

  next() {
    if (this.all.length) this.go((this.at + 1) % this.all.length);
  }

  mark() {
    const marks = new Map();
    for (const problem of this.all) {
      if (problem.node === null || marks.get(problem.node)?.level === "error") continue;
      marks.set(problem.node, { level: problem.severity });
    }
    this.studio.mark("problems", marks);
  }
}
