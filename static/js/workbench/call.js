// The agent's call: ringing, talking, hold, wrap-up; or what to do while there is none.

import { byId, callerName, clock, duration, hasText, make, setText, start, t, timeOfDay } from "../common.js";

const GROUPS = { ringing: ["ringing"], talking: ["talking", "hold", "connecting"], "wrap-up": ["wrap-up"] };

export class CallView {
  #act;
  #handset;
  #call = null;
  #wrapTotal = 0;
  #hold;

  constructor(act, handset, audio) {
    this.#act = act;
    this.#handset = handset;
    const click = (id, action) => byId(id).addEventListener("click", () => action());
    click("accept", () => this.accept());
    click("reject", () => this.reject());
    click("mute", () => this.toggleMute());
    click("hold", () => this.toggleHold());
    click("hangup", () => this.hangup());
    click("wrap-done", () => this.finish());
    click("keypad-toggle", () => this.toggleKeypad());
    byId("keypad").addEventListener("click", (event) => this.#key(event.target.closest("[data-key]")?.dataset.key));
    byId("keypad").addEventListener("keydown", (event) => this.#typed(event));
    audio.addEventListener("levels", ({ detail }) => {
      byId("far-meter").style.width = `${Math.round(detail.far * 100)}%`;
    });
  }

  get state() { return this.#call?.state ?? "none"; }

  // What the buttons and the keyboard do; each is legal in some states only.

  accept() { return this.#in("ringing", "accept"); }
  reject() { return this.#in("ringing", "reject"); }
  hangup() { return this.#in("talking", "hangup"); }
  toggleHold() { return this.#in("talking", this.state === "hold" ? "unhold" : "hold"); }

  toggleMute() {
    if (!GROUPS.talking.includes(this.state)) return;
    const on = !this.#handset.muted;
    this.#handset.mute(on);
    this.#showMute();
    this.#act("mute", { call: this.#call.id, on });
  }

  toggleKeypad() {
    if (!GROUPS.talking.includes(this.state)) return;
    const open = byId("keypad").hidden;
    byId("keypad").hidden = !open;
    byId("keypad-toggle").setAttribute("aria-expanded", String(open));
    if (open) byId("keypad").querySelector("[data-key='5']").focus();
  }

  finish() {
    if (this.state !== "wrap-up") return;
    const disposition = document.querySelector("#disposition-list [aria-pressed='true']")?.dataset.value ?? "";
    this.#act("wrap-up-done", { call: this.#call.id, note: byId("note").value, disposition });
  }

  #in(group, op) {
    if (GROUPS[group].includes(this.state)) this.#act(op, { call: this.#call.id });
  }

  #key(key) {
    if (!key || !GROUPS.talking.includes(this.state)) return;
    byId("keypad-sent").value += key;
    this.#act("dtmf", { call: this.#call.id, keys: key });
  }

  #typed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !/^[0-9*#]$/.test(event.key)) return;
    event.preventDefault();
    this.#key(event.key);
  }

  // Showing

  show(call, group) {
    const changed = call?.id !== this.#call?.id;
    const before = this.state;
    this.#call = call;
    byId("call").dataset.call = this.state;
    byId("call-none").hidden = Boolean(call);
    byId("call-open").hidden = !call;
    if (!call) return;
    if (changed) this.#reset();
    this.#facts(call, group);
    this.#path(call.path ?? []);
    for (const [name, states] of Object.entries(GROUPS)) byId(`buttons-${name}`).hidden = !states.includes(call.state);
    if (!GROUPS.talking.includes(call.state)) byId("keypad").hidden = true;
    byId("hold").setAttribute("aria-pressed", String(call.state === "hold"));
    if (call.state === "wrap-up" && before !== "wrap-up") this.#wrapTotal = this.#wrapLeft();
    this.#showMute();
    this.#focus(before);
    this.tick();
  }

  #reset() {
    byId("keypad").hidden = true;
    byId("keypad-toggle").setAttribute("aria-expanded", "false");
    byId("keypad-sent").value = "";
  }

  #facts(call, group) {
    const number = callerName(call.caller);
    setText(byId("call-number"), number);
    byId("call-copy").dataset.copy = call.caller;
    byId("call-copy").hidden = !call.caller;
    byId("call-test").hidden = call.direction !== "test";
    byId("call-back").hidden = call.kind !== "callback";
    setText(byId("call-back"), call.callback ? callbackText(call.callback) : "");
    setText(byId("call-place"), placeText(call));
    setText(byId("call-group"), group || t("none"));
    setText(byId("call-callee"), call.callee);
    setText(byId("call-keys"), [call.keys ?? ""].flat().join("") || t("none"));
    byId("call-recording").hidden = !call.recording || call.state === "ringing" || call.state === "wrap-up";
    const variables = Object.entries(call.variables ?? {}).filter(([, value]) => value !== "" && value !== null);
    byId("call-variables").hidden = variables.length === 0;
    byId("call-variables").replaceChildren(...variables.map(([name, value]) => make(
      "div", "", make("dt", "", name), make("dd", "", typeof value === "object" ? JSON.stringify(value) : String(value)),
    )));
  }

  #path(path) {
    byId("path-empty").hidden = path.length > 0;
    byId("call-path").replaceChildren(...path.map((step, index) => make(
      "li", index === path.length - 1 ? "path-here" : "",
      make("span", "path-name", step.name || step.node),
      exitName(step) ? make("span", "path-exit", exitName(step)) : null,
      make("time", "num", timeOfDay(step.at)),
    )));
  }

  #showMute() {
    byId("mute").setAttribute("aria-pressed", String(this.#handset.muted));
    const muted = this.#handset.muted && this.state === "talking";
    byId("call-state").classList.toggle("call-muted", muted);
    setText(byId("call-state"), muted ? t("call.muted") : this.#stateText());
  }

  #stateText() {
    const { callback } = this.#call ?? {};
    const missed = callback?.reason && hasText(`callback.${callback.reason}`) && this.state === "wrap-up";
    if (missed) return t("callback.missed", { reason: t(`callback.${callback.reason}`) });
    const own = callback && ["ringing", "connecting"].includes(this.state);
    return t(`${own ? "callback" : "call"}.${this.state}`);
  }

  /** Ringing: the answer button is one Enter away, unless somebody is typing. Later: keep the keyboard near. */
  #focus(before) {
    if (before === this.state || document.activeElement?.matches("textarea, input, select")) return;
    if (this.state === "ringing") byId("accept").focus({ preventScroll: true });
    else if (before === "ringing" && GROUPS.talking.includes(this.state)) byId("note").focus({ preventScroll: true });
  }

  showIdle(state) {
    const reason = state.state === "break" && hasText(`none.${state.reason}`) ? state.reason : state.state;
    const name = hasText(`none.${reason}`) ? reason : "other";
    byId("call-none").dataset.state = state.state;
    setText(byId("none-title"), t(`none.${name}`));
    setText(byId("none-hint"), hasText(`none.${name}.hint`) ? t(`none.${name}.hint`) : "");
    byId("none-ready").hidden = !["offline", "break"].includes(state.state);
    setText(byId("none-ready"), state.state === "break" ? t("back_ready") : t("take_calls"));
  }

  /** Seconds until the server ends the wrap-up; null: it waits for the agent. */
  #wrapLeft() {
    const until = this.#call.wrap_up_until;
    return until ? Math.max(0, (until - clock.now()) / 1000) : null;
  }

  /** True in the last moments of the wrap-up: what is typed then must go at once. */
  get hurried() {
    return this.state === "wrap-up" && (this.#wrapLeft() ?? 60) < 1.5;
  }

  tick() {
    const call = this.#call;
    if (!call) return;
    setText(byId("call-timer"), duration(clock.since(call.since)));
    const waiting = call.state === "ringing" ? clock.since(call.since) : 0;
    setText(byId("call-waited"), duration((call.waited_s ?? 0) + waiting));
    if (call.state === "wrap-up") {
      const left = this.#wrapLeft();
      byId("wrap-clock").hidden = byId("wrap-bar").parentElement.hidden = left === null;
      if (left === null) return;
      setText(byId("wrap-left"), duration(Math.ceil(left)));
      byId("wrap-bar").style.width = `${this.#wrapTotal ? (100 * left) / this.#wrapTotal : 0}%`;
      byId("buttons-wrap-up").classList.toggle("wrap-soon", left < 6);
    }
  }
}

/** The way out of a node in words; "" while inside, and where there is only one way on. */
function exitName({ type, exit }) {
  return exit ? start.nodes[type]?.exits[exit] ?? exit : "";
}

/** Which attempt it is, and what became of the last one. */
function callbackText({ attempt, attempts, reason }) {
  const text = t("callback.attempt", { n: attempt, m: attempts });
  return reason && hasText(`callback.${reason}`) ? `${text} · ${t("callback.last", { reason: t(`callback.${reason}`) })}` : text;
}

export function placeText(call) {
  const { province, city } = call;
  if (!province && !city) return t("place.unknown");
  return province && city && province !== city ? `${province} · ${city}` : province || city;
}
