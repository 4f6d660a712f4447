// Connection lost, taken over by another window, disabled, signed out.

import { byId, setText, t } from "../common.js";

const SHOW_AFTER_MS = 1200; // a blink of the network is no news

export class Overlay {
  #lostAt = 0;
  #nextAt = 0;

  constructor() {
    byId("takeover-here").addEventListener("click", () => window.location.reload());
  }

  /** `again_ms` until the next attempt, or null: connected. */
  lost(again_ms) {
    this.#lostAt = again_ms === null ? 0 : this.#lostAt || Date.now();
    this.#nextAt = again_ms === null ? 0 : Date.now() + again_ms;
    if (again_ms === null) byId("banner-lost").hidden = true;
  }

  tick() {
    if (!this.#lostAt) return;
    byId("banner-lost").hidden = Date.now() - this.#lostAt < SHOW_AFTER_MS;
    const left = Math.ceil((this.#nextAt - Date.now()) / 1000);
    setText(byId("lost-detail"), left > 1 ? t("lost.wait", { n: left }) : "");
  }

  leave(why) {
    this.lost(null);
    const name = { "taken-over": "takeover", disabled: "disabled", "signed-out": "signed-out", session: "session" }[why] ?? "session";
    setText(byId("takeover-title"), t(`${name}.title`));
    setText(byId("takeover-text"), t(`${name}.text`));
    byId("takeover-here").hidden = name !== "takeover";
    byId("takeover-login").hidden = name === "takeover";
    byId("takeover").hidden = false;
    document.querySelector(".shell").inert = true;
    (name === "takeover" ? byId("takeover-here") : byId("takeover-login")).focus();
  }
}
