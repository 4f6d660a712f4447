// The queues the agent serves: how many wait, how long, how many colleagues are ready. Those that do not fit in one
// line stand behind a button that says how many they are; queues with callers come first.

import { byId, clock, duration, make, setText, t } from "../common.js";

export class QueueStrip {
  #box;
  #more;
  #longest = [];

  constructor(box) {
    this.#box = box;
    this.#more = byId("queues-more");
    new ResizeObserver(() => this.#fit()).observe(box);
  }

  show(queues) {
    this.#longest = [];
    const inOrder = [...queues].sort((a, b) => (a.longest_since ?? Infinity) - (b.longest_since ?? Infinity) || 0);
    this.#box.replaceChildren(...inOrder.map((queue) => this.#chip(queue)));
    this.#more.querySelector(".picker-list").replaceChildren(...inOrder.map((queue) => this.#chip(queue)));
    this.tick();
    this.#fit();
  }

  #chip(queue) {
    const title = make("b", "", queue.title || queue.group);
    title.title = queue.title || queue.group;
    const chip = make("span", queue.waiting ? "queue queue-busy" : "queue", title);
    if (queue.waiting) {
      const longest = make("span", "num");
      this.#longest.push([longest, queue.longest_since]);
      chip.append(make("span", "num", t("queue.waiting", { n: queue.waiting })), longest);
    } else {
      chip.append(make("span", "", t("queue.empty")));
    }
    if (queue.callbacks) chip.append(make("span", "num", t("queue.callbacks", { n: queue.callbacks })));
    chip.append(make("span", "num queue-ready", t("queue.ready", { n: queue.ready })));
    return chip;
  }

  /** Whole chips only, at least one. */
  #fit() {
    const chips = [...this.#box.children];
    for (const chip of chips) chip.hidden = false;
    this.#more.hidden = true;
    if (this.#out(chips).length) {
      this.#more.hidden = false; // it takes room itself
      for (let out = this.#out(chips); out.length; out = this.#out(chips)) {
        const shown = chips.filter((chip) => !chip.hidden);
        if (shown.length <= 1) break;
        shown.at(-1).hidden = true;
      }
    }
    const left = chips.filter((chip) => chip.hidden);
    setText(this.#more.querySelector("summary"), t("queue.more", { n: left.length }));
    this.#more.classList.toggle("queues-more-busy", left.some((chip) => chip.classList.contains("queue-busy")));
    if (!left.length) {
      this.#more.hidden = true;
      this.#more.open = false;
    }
  }

  #out(chips) {
    const edge = this.#box.getBoundingClientRect().right + 1;
    return chips.filter((chip) => !chip.hidden && chip.getBoundingClientRect().right > edge);
  }

  tick() {
    for (const [element, since] of this.#longest) setText(element, duration(clock.since(since)));
  }
}
