// The agent's own state: name, timer, buttons, break reasons.

import { byId, clock, duration, hasText, make, setText, t } from "../common.js";

export class StateBar {
  #act;
  #fit;
  #state = null;
  #connected = false;

  /** `fit()` resolves to whether the agent can take calls (the microphone works). */
  constructor(act, fit) {
    this.#act = act;
    this.#fit = fit;
    for (const button of document.querySelectorAll("[data-set-state]")) {
      button.addEventListener("click", () => this.set(button.dataset.setState));
    }
    byId("none-ready").addEventListener("click", () => this.set("ready"));
  }

  /** Ask the server for another state; the page shows it when the server says so. */
  async set(state, reason = "") {
    byId("break-picker").open = false;
    if (state === "ready") {
      if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
      if (!(await this.#fit())) return null;
    }
    return this.#act("state", { state, reason });
  }

  openBreaks() {
    const picker = byId("break-picker");
    picker.open = true;
    picker.querySelector(".picker-list button")?.focus();
  }

  setBreaks(reasons) {
    byId("break-list").replaceChildren(...reasons.map((reason) => {
      const button = make("button", "", reason);
      button.type = "button";
      button.addEventListener("click", () => this.set("break", reason));
      return button;
    }));
  }

  setConnected(on) {
    this.#connected = on;
    this.#buttons();
  }

  show(state) {
    this.#state = state;
    this.#connected = true;
    byId("state").dataset.state = state.state;
    setText(byId("state-name"), t(`state.${state.state}`));
    setText(byId("state-reason"), reasonText(state.reason));
    this.#buttons();
    this.tick();
  }

  tick() {
    if (this.#state) setText(byId("state-timer"), duration(clock.since(this.#state.since)));
  }

  #buttons() {
    const now = this.#state?.state;
    for (const button of document.querySelectorAll("[data-set-state]")) {
      const own = button.dataset.setState === now;
      button.disabled = !this.#connected;
      button.setAttribute("aria-pressed", String(own));
    }
    byId("break-open").setAttribute("aria-pressed", String(now === "break"));
    byId("break-picker").classList.toggle("disabled", !this.#connected);
    byId("none-ready").disabled = !this.#connected;
  }
}

export function reasonText(reason) {
  if (!reason) return "";
  return hasText(`reason.${reason}`) ? t(`reason.${reason}`) : reason;
}
