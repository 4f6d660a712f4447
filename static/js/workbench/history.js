// The agent's own past calls, with their recordings.

import { byId, callerName, duration, here, icon, make, t } from "../common.js";

const SOON_MS = [1500, 5000]; // records reach the store a moment after the call

export class History {
  #url;
  #after = null;
  #open = null;
  #timers = [];

  constructor(url) {
    this.#url = url;
    byId("history-more").addEventListener("click", () => this.load(this.#after));
  }

  refreshSoon() {
    this.#timers.forEach((timer) => window.clearTimeout(timer));
    this.#timers = SOON_MS.map((ms) => window.setTimeout(() => this.load(), ms));
  }

  async load(after = null) {
    // A recording that is being listened to is not taken away.
    if (!after && byId("history-list").querySelector("audio")?.paused === false) return;
    let body;
    try {
      const url = new URL(this.#url, window.location.href);
      if (after) url.searchParams.set("after", after);
      const response = await fetch(url, { headers: { Accept: "application/json", ...here }, credentials: "same-origin" });
      body = await response.json();
      if (!response.ok) throw new Error(body.message);
    } catch (error) {
      byId("history-error").hidden = false;
      byId("history-error").textContent = t("history.failed", { message: error.message });
      return;
    }
    byId("history-error").hidden = true;
    this.#after = body.after;
    if (!after) byId("history-list").replaceChildren();
    byId("history-list").append(...body.calls.map((call) => this.#row(call)));
    byId("history-more").hidden = !body.after;
    byId("history-empty").hidden = byId("history-list").children.length > 0;
  }

  #row(call) {
    const row = make("li", "history-row");
    row.dataset.id = call.id;
    const head = make(
      "button", "history-head",
      icon(call.direction === "inbound" ? "in" : "out", "way"),
      make("span", "history-number num", callerName(call.number)),
      make("time", "history-time num", `${call.day.slice(5)} ${call.time}`),
      make("span", "history-sub", this.#subline(call)),
    );
    head.type = "button";
    head.setAttribute("aria-expanded", "false");
    head.addEventListener("click", () => this.#toggle(row, head, call));
    row.append(head);
    if (this.#open === call.id) this.#toggle(row, head, call);
    return row;
  }

  #subline(call) {
    const talked = call.talk_s ? duration(call.talk_s) : call.cause;
    return [talked, call.disposition].filter(Boolean).join(" · ");
  }

  #toggle(row, head, call) {
    const opened = row.querySelector(".history-body");
    if (opened) {
      opened.remove();
      head.setAttribute("aria-expanded", "false");
      this.#open = null;
      return;
    }
    this.#open = call.id;
    head.setAttribute("aria-expanded", "true");
    const body = make("div", "history-body");
    if (call.note) body.append(make("p", "history-note", call.note));
    if (call.recording) {
      const player = make("audio");
      player.controls = true;
      player.preload = "none"; // each access is written to the audit log: only who listens asks for it
      player.src = call.recording;
      player.setAttribute("aria-label", t("history.listen"));
      body.append(player);
    } else {
      body.append(make("p", "muted", t("history.no_recording")));
    }
    const link = make("a", "", t("history.details"));
    link.href = call.url;
    body.append(link);
    row.append(body);
  }
}
