// What servers and tables have answered in the simulated call, and which nodes go wrong: kept, changed, asked again.

import { make, t } from "../common.js";
import { toast } from "../admin/toasts.js";

export class Answers {
  constructor(holder, changed) {
    Object.assign(this, { holder, changed, http: [], tables: {}, fails: new Set() });
    holder.addEventListener("change", (event) => this.edit(event));
    holder.addEventListener("click", (event) => this.clear(event));
    holder.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Parts of a test case. */
  asCase() {
    const made = {};
    if (this.http.length) made.http = this.http;
    if (Object.keys(this.tables).length) made.tables = this.tables;
    if (this.fails.size) made.fails = [...this.fails];
    return made;
  }

  /** Gives whether the text was JSON. */
  give(asked, text, status, fails) {
    const body = read(text);
    if (body === undefined && !fails) return false;
    if (asked.kind === "table") this.tables = { ...this.tables, [asked.text]: body };
    else {
      const [method, url] = asked.text.split(/ (.*)/s);
      this.http = [...this.http, fails ? { method, url, fails: t("sim.answer.fails") } : { method, url, status, body }];
    }
    this.draw();
    return true;
  }

  toggle(node) {
    if (!this.fails.delete(node)) this.fails.add(node);
  }

  draw() {
    const replies = this.http.map((reply, at) => box(t("sim.answer.of", { name: `${reply.method} ${reply.url}` }), "http", at, reply.fails ? null : reply.body, reply));
    const tables = Object.entries(this.tables).map(([name, rows]) => box(t("sim.answer.table", { name }), "table", name, rows));
    this.holder.querySelector("[data-answers=list]").replaceChildren(...replies, ...tables);
    this.holder.hidden = !replies.length && !tables.length;
  }

  edit(event) {
    const item = event.target.closest("[data-answer]");
    if (!item) return;
    event.stopPropagation(); // the situation's own change would run the call twice
    const { answer: kind, key } = item.dataset;
    const body = read(item.querySelector("textarea").value);
    item.querySelector("textarea").classList.toggle("is-invalid", body === undefined);
    if (body === undefined) {
      toast(t("sim.json.wrong"), { bad: true });
      return;
    }
    if (kind === "table") this.tables = { ...this.tables, [key]: body };
    else {
      const { method, url } = this.http[key];
      const status = Number(item.querySelector("input[type=number]").value) || 200;
      const fails = item.querySelector("input[type=checkbox]").checked;
      this.http = this.http.with(Number(key), fails ? { method, url, fails: t("sim.answer.fails") } : { method, url, status, body });
    }
    this.changed();
  }

  clear(event) {
    const item = event.target.closest("[data-clear]")?.closest("[data-answer]");
    if (!item) return;
    const { answer: kind, key } = item.dataset;
    if (kind === "table") this.tables = Object.fromEntries(Object.entries(this.tables).filter(([name]) => name !== key));
    else this.http = this.http.filter((_reply, at) => at !== Number(key));
    this.draw();
    this.changed();
  }
}

function read(text) {
  try {
    return text.trim() ? JSON.parse(text) : {};
  } catch {
    return undefined;
  }
}

function box(title, kind, key, body, reply = null) {
  const text = make("textarea", "form-control");
  text.rows = 3;
  text.spellcheck = false;
  text.value = body === null ? "{}" : JSON.stringify(body);
  text.setAttribute("aria-label", title);
  const clear = make("button", "btn btn-plain btn-sm", t("sim.answer.clear"));
  clear.type = "button";
  clear.dataset.clear = "";
  const row = make("div", "sim-row");
  if (reply) row.append(...status(reply));
  row.append(make("span", "spacer"), clear);
  const item = make("div", "sim-answer", make("b", "", title), text, row);
  item.dataset.answer = kind;
  item.dataset.key = key;
  return item;
}

function status(reply) {
  const number = make("input", "form-control num");
  Object.assign(number, { type: "number", min: 100, max: 599, value: reply.status ?? 200 });
  number.setAttribute("aria-label", t("sim.answer.status"));
  const fails = make("input");
  Object.assign(fails, { type: "checkbox", checked: Boolean(reply.fails) });
  return [number, make("label", "sim-fails", fails, t("sim.answer.fails"))];
}
