// The property panel: a form the server renders. What is typed goes to the server, comes back as settings with what is
// wrong with them, and becomes a command; the form itself is not replaced while somebody types.

import { byId, make, start, t } from "../common.js";
import { learn } from "./faces.js";
import { toast } from "../admin/toasts.js";
import { headers, postForm, Refusal } from "./server.js";

const WAIT_MS = 220;
const AGAIN_MS = 2000;

export class Panel {
  /** `extras`: what is shown when no single node is selected, by `{flow, many, edge, note}` functions `(holder, studio)`. */
  constructor(studio, extras) {
    this.studio = studio;
    this.extras = extras;
    this.holder = byId("panel");
    this.node = null;
    this.problems = [];
    this.asked = 0;
    this.pending = null;
    this.left = new Map(); // node id -> what was typed there while the server did not answer
    this.inFlight = 0;
    studio.addEventListener("select", () => this.follow());
    studio.addEventListener("load", () => this.follow(true));
    studio.addEventListener("mode", () => this.follow(true));
    studio.addEventListener("change", () => this.afterChange());
    this.holder.addEventListener("input", (event) => this.typed(event));
    this.holder.addEventListener("change", (event) => this.typed(event));
    this.holder.addEventListener("focusout", () => studio.stack?.seal());
    this.holder.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("htmx:configRequest", (event) => Object.assign(event.detail.headers, headers(null)));
    document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.target === this.holder && event.detail.pathInfo.requestPath !== start.urls.panel) this.superseded(); });
    for (const name of ["htmx:responseError", "htmx:sendError"]) document.addEventListener(name, (event) => this.refused(event));
    // something else was selected while the form was on its way
    document.addEventListener("htmx:beforeSwap", ({ detail }) => { if (detail.target === this.holder && detail.xhr.status < 300) detail.shouldSwap = this.isAbout(detail.xhr.responseText); });
    document.addEventListener("htmx:afterSwap", (event) => { if (event.target === this.holder) this.swapped(); });
  }

  /** Show what is selected. */
  async follow(again = false) {
    const { nodes, edges, notes = [] } = this.studio.selection;
    const id = nodes.length === 1 && !edges.length && !notes.length ? nodes[0] : null;
    if (id !== null && id === this.node && !again) return;
    await this.flush();
    this.node = id;
    if (id !== null) {
      this.open(id);
      return;
    }
    this.asked += 1;
    const kind = nodes.length + notes.length + edges.length > 1 ? "many" : edges.length ? "edge" : notes.length ? "note" : "flow";
    this.holder.replaceChildren();
    this.extras[kind](this.holder, this.studio);
    this.studio.emit("aside", kind);
  }

  open(id) {
    const node = this.studio.document.node(id);
    if (!node) return;
    this.asked += 1;
    const values = { node: JSON.stringify(node) };
    if (this.studio.readOnly) values.read_only = "1";
    const asked = window.htmx.ajax("POST", start.urls.panel, { target: this.holder, swap: "innerHTML", values });
    asked?.catch(() => {}); // `refused` hears of it, too
  }

  isAbout(html) {
    return this.node !== null && html.includes(`id="node-form" data-node="${this.node}"`);
  }

  /** A form has come: its settings may be new (a row was added). */
  swapped() {
    const settings = this.holder.querySelector("[data-settings]");
    const focused = this.wantedFocus;
    this.wantedFocus = null;
    if (this.retrying) this.studio.emit("sent");
    this.retrying = false;
    if (!settings) return;
    const answer = JSON.parse(settings.value);
    if (answer.id !== this.node) return;
    this.studio.emit("form", this.holder.querySelector("#node-form"));
    this.take(answer, null);
    this.showProblems();
    const target = focused ? this.holder.querySelector(`[name="${CSS.escape(focused)}"]`) : this.firstNew(answer);
    if (this.studio.fresh === answer.id) this.firstEmpty()?.focus();
    else target?.focus();
    this.studio.fresh = null;
    this.rows = this.rowCounts();
  }

  /** The first input of a row that was not there before. */
  firstNew(answer) {
    const before = this.formNode === answer.id ? this.rows : null;
    this.formNode = answer.id;
    if (!before) return null;
    for (const [name, count] of this.rowCounts()) {
      if (count > (before.get(name) ?? 0)) return this.holder.querySelector(`[name^="${CSS.escape(`${name}${count - 1}`)}"]:not([type=hidden]):not(.variant-kind)`);
    }
    return null;
  }

  /** What a new node asks for first. */
  firstEmpty() {
    const wanted = [...this.holder.querySelectorAll(".field")].filter((field) => field.querySelector(".required"));
    const inputs = wanted.map((field) => field.querySelector("textarea, input:not([type=hidden]), select"));
    return inputs.find((input) => input && !input.value) ?? null;
  }

  rowCounts() {
    return new Map([...this.holder.querySelectorAll(".rows > input[type=hidden]")].map((input) => [input.name, Number(input.value)]));
  }

  typed(event) {
    const { target } = event;
    // a form that is being replaced says "change" once more, when another node is the chosen one
    const id = target.closest("#node-form")?.dataset.node;
    if (this.studio.readOnly || id === undefined) return;
    const own = target.dataset.nodeField;
    if (own) {
      if (event.type !== "input") return;
      this.studio.run(t("cmd.settings"), (edit) => edit.changeNode(id, { [own]: target.value }), { merge: `${own} ${id}` });
      return;
    }
    if (!target.name || target.form?.id !== "node-form" || target.closest("[data-aside]") || target.classList.contains("variant-kind")) return;
    clearTimeout(this.timer);
    if (this.pending && this.pending.id !== id) this.left.set(this.pending.id, this.pending);
    this.pending = { id, field: target.name, data: new FormData(target.form) };
    this.timer = setTimeout(() => this.read(), event.type === "change" ? 0 : WAIT_MS);
  }

  /** Ask what the form says. Until the server answers, what was typed is kept: of a node that is shown no more, too. */
  async read() {
    clearTimeout(this.timer);
    const form = this.holder.querySelector("#node-form");
    const asked = this.pending;
    this.pending = null;
    if (!asked) return;
    const data = form?.dataset.node === asked.id ? new FormData(form) : asked.data;
    if (!data) return;
    const number = ++this.asked;
    this.inFlight += 1;
    this.reading = postForm("read", data).then((answer) => {
      if (number === this.asked || answer.id !== this.node) this.take(answer, asked.field);
      this.studio.emit("sent");
      this.next();
    }).catch((error) => {
      this.studio.emit("unsent", error);
      this.again({ ...asked, data });
    }).finally(() => { this.inFlight -= 1; });
    await this.reading;
  }

  /** The server does not answer: what was typed is asked again. */
  again(asked) {
    if (this.pending && this.pending.id !== asked.id) {
      this.left.set(asked.id, asked); // another node's form is being filled in by now
      return;
    }
    this.pending ??= asked;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), AGAIN_MS);
  }

  /** The server answers again: what was typed in other nodes' forms meanwhile. */
  next() {
    const [asked] = this.left.values();
    if (!asked || this.pending) return;
    this.left.delete(asked.id);
    this.pending = asked;
    this.timer = setTimeout(() => this.read());
  }

  /** A row is being added or removed: the form goes to the server as it stands, older answers count no more. */
  superseded() {
    this.asked += 1;
    if (this.pending?.id !== this.node) return;
    clearTimeout(this.timer);
    this.pending = null;
  }

  refused(event) {
    if (event.detail.target.matches("[data-aside]")) toast(messageOf(event.detail.xhr) || t("panel.failed"), { bad: true });
    if (event.detail.target !== this.holder) return;
    const opening = event.detail.pathInfo?.requestPath === start.urls.panel;
    if (!opening || !this.retrying) toast(t("panel.failed"), { bad: true });
    if (opening) {
      this.retrying = true;
      this.studio.emit("unsent", refusalOf(event.detail.xhr));
      setTimeout(() => { if (this.node !== null && this.retrying) this.open(this.node); }, AGAIN_MS);
      return;
    }
    if (this.node !== null && this.holder.querySelector("#node-form")) {
      this.pending = { id: this.node, field: null };
      this.timer = setTimeout(() => this.read(), WAIT_MS);
    }
  }

  /** Whether something typed is not in the document yet. */
  get busy() { return this.pending !== null || this.left.size > 0 || this.inFlight > 0; }

  /** Everything typed has become a command; false when the server does not answer. */
  async flush() {
    if (this.pending) await this.read();
    else await this.reading;
    return !this.busy;
  }

  take(answer, field) {
    const node = this.studio.document.node(answer.id);
    if (!node) return;
    learn({ ...node, config: answer.config }, answer.face);
    const config = JSON.stringify(answer.config);
    if (answer.id === this.node) this.config = config; // a late answer is about a node that is shown no more
    if (JSON.stringify(node.config ?? {}) !== config) {
      this.studio.run(t("cmd.settings"), (edit) => edit.changeNode(answer.id, { config: answer.config }), { merge: field ? `${field} ${answer.id}` : null });
    }
    if (answer.id === this.node) {
      this.own = answer.problems;
      this.showProblems();
    }
  }

  /** Undo and the like changed the node that is shown. */
  afterChange() {
    if (this.node === null) return;
    const node = this.studio.document.node(this.node);
    if (!node) return;
    const form = this.holder.querySelector("#node-form");
    if (!form || form.dataset.node !== this.node) return;
    const same = JSON.stringify(node.config ?? {}) === this.config;
    const texts = [...form.querySelectorAll("[data-node-field]")].every((input) => input.value === (node[input.dataset.nodeField] ?? ""));
    if (same && texts) return;
    if (this.pending) return;
    this.wantedFocus = document.activeElement?.name || null;
    this.open(this.node);
  }

  /** The check's findings, for the fields of the node shown. */
  found(problems) {
    this.problems = problems;
    this.own = null;
    this.showProblems();
  }

  showProblems() {
    const list = byId("panel-problems");
    if (!list) return;
    const all = this.own ?? [];
    const checked = this.problems.filter((problem) => problem.node === this.node);
    const every = [...all, ...checked.filter((problem) => !all.some((own) => own.field === problem.field))];
    for (const error of this.holder.querySelectorAll("[data-error]")) {
      error.hidden = true;
      error.textContent = "";
    }
    for (const input of this.holder.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    const rest = every.filter((problem) => !this.atField(problem));
    list.replaceChildren(...rest.map((problem) => make("li", `is-${problem.severity}`, problem.text)));
    list.hidden = !rest.length;
  }

  /** Put the problem below its field; false when there is no such field. */
  atField(problem) {
    let path = problem.field ?? "";
    while (path.startsWith("config.")) {
      const field = this.holder.querySelector(`[data-path="${CSS.escape(path)}"]`);
      const error = field?.querySelector(":scope > [data-error]");
      if (error) {
        error.append(error.textContent ? ` ${problem.text}` : problem.text);
        if (problem.at) error.append(placeButton(field, problem));
        error.hidden = false;
        error.classList.toggle("is-warning", problem.severity === "warning");
        if (problem.severity !== "warning") field.querySelector("input:not([type=hidden]), select, textarea")?.setAttribute("aria-invalid", "true");
        field.closest("details:not([open])")?.setAttribute("open", "");
        return true;
      }
      path = path.slice(0, path.lastIndexOf("."));
    }
    return false;
  }
}

/** Puts the caret where the formula is wrong. */
function placeButton(field, { at, formula }) {
  const button = make("button", "field-place", t("complete.place", { n: at }));
  button.type = "button";
  button.addEventListener("click", () => {
    const input = field.querySelector("textarea, input:not([type=hidden])");
    const begin = formula ? Math.max(0, input.value.indexOf(formula)) : 0;
    input.focus();
    input.setSelectionRange(Math.min(begin + at - 1, input.value.length), Math.min(begin + at, input.value.length));
  });
  return button;
}

function messageOf(xhr) {
  return refusalOf(xhr).body.message ?? "";
}

function refusalOf(xhr) {
  try { return new Refusal(xhr.status, JSON.parse(xhr.responseText)); } catch { return new Refusal(xhr.status, {}); }
}
