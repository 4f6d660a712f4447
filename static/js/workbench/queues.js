// The queues the agent serves: how many wait, how long, how many colleagues are ready.

import { clock, duration, make, setText, t } from "../common.js";

export class QueueStrip {
  #box;
  #longest = [];

  constructor(box) {
    this.#box = box;
  }

  show(queues) {
    this.#longest = [];
    this.#box.replaceChildren(...queues.map((queue) => this.#chip(queue)));
    this.tick();
  }

  #chip(queue) {
    const chip = make("span", queue.waiting ? "queue queue-busy" : "queue", make("b", "", queue.title || queue.group));
    if (queue.waiting) {
      const longest = make("span", "num");
      this.#longest.push([longest, queue.longest_since]);
      chip.append(make("span", "num", t("queue.waiting", { n: queue.waiting })), longest);
    } else {
      chip.append(make("span", "", t("queue.empty")));
    }
    chip.append(make("span", "num queue-ready", t("queue.ready", { n: queue.ready })));
    return chip;
  }

  tick() {
    for (const [element, since] of this.#longest) setText(element, duration(clock.since(since)));
  }
}
