// The way of a call through the flow as a list that grows: nodes, what is said, what is pressed, where it left.

import { hasText, make, setText, start, t, timeOfDay } from "../common.js";

export class Path {
  #list;
  #empty;
  #flow = "";
  #steps = new Map();

  constructor(list, empty) {
    this.#list = list;
    this.#empty = empty;
  }

  /** A new call. */
  clear() {
    this.#flow = "";
    this.#steps.clear();
    this.#list.replaceChildren();
    this.#empty.hidden = false;
  }

  enter({ n, node, name, type, flow, at }) {
    this.#empty.hidden = true;
    this.#flow ||= flow; // the first node's is the one that was called
    const step = make("li", "tc-step tc-here");
    step.dataset.node = node;
    step.append(make(
      "div", "tc-step-head",
      make("b", "", name || node), make("span", "tag", start.nodes[type]?.label ?? type),
      flow && flow !== this.#flow ? make("span", "muted", t("tc.subflow", { flow })) : null,
      make("time", "num muted", timeOfDay(at)),
    ));
    this.#steps.set(n, { step, type });
    this.#list.append(step);
    this.#show(step);
  }

  leave({ n, exit, variables }) {
    const { step, type } = this.#steps.get(n) ?? {};
    if (!step) return;
    step.classList.remove("tc-here");
    const way = exit ? start.nodes[type]?.exits[exit] ?? exit : "";
    if (way) step.querySelector(".tc-step-head").append(make("span", "tc-exit", `→ ${way}`));
    for (const [name, value] of Object.entries(variables ?? {})) {
      this.#line(n, "tc-variable", `${name} = ${typeof value === "object" ? JSON.stringify(value) : value}`);
    }
  }

  heard({ n, prompts }) {
    for (const { kind, text, name, hz } of prompts) {
      const said = { tts: text, audio: t("tc.audio", { name }), tone: t("tc.tone", { hz }) }[kind] ?? kind;
      this.#line(n, "tc-heard", said);
    }
  }

  /** Keys pressed one after the other stand in one line. */
  key({ n, key }) {
    const last = this.#steps.get(n)?.step.lastElementChild;
    if (!last?.classList.contains("tc-key")) this.#line(n, "tc-key", t("tc.key", { key }));
    else setText(last, `${last.textContent} ${key}`);
  }

  agent({ agent }) { this.#line(this.#newest(), "tc-agent", t("tc.agent", { agent })); }

  dialled({ n, callee, cause }) {
    if (!cause) this.#line(n, "tc-agent", t("tc.dialled", { callee }));
    else this.#line(n, "tc-agent", hasText(`cause.${cause}`) ? t(`cause.${cause}`) : cause);
  }

  /** The call is over: nothing is "here" any more. */
  end() {
    for (const { step } of this.#steps.values()) step.classList.remove("tc-here");
  }

  #newest() { return [...this.#steps.keys()].at(-1); }

  #line(n, css, text) {
    const { step } = this.#steps.get(n) ?? {};
    if (!step) return;
    const line = make("p", css);
    setText(line, text);
    step.append(line);
    this.#show(step);
  }

  #show(step) {
    // Whoever scrolled up to read something is left there.
    const log = this.#list.parentElement;
    if (log.scrollHeight - log.scrollTop - log.clientHeight < 160) step.scrollIntoView({ block: "nearest" });
  }
}
