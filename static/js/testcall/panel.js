/**
 * The panel of a test call on the fragment `testcall/_panel.html`: `mount(element)`.
 *
 * Every event of the call is also dispatched from the element, as `testcall:enter`, `testcall:ended` ... (bubbling), so
 * that a page (the designer) can follow the call on its own picture without knowing the panel.
 */

import { clock, duration, hasText, setText, t } from "../common.js";
import { TestCall } from "./call.js";
import { Path } from "./path.js";

const EVENTS = ["phase", "started", "state", "enter", "leave", "heard", "key", "answered", "agent", "dialled", "ended"];
const TROUBLES = {
  "microphone-refused": "refused", "insecure-context": "insecure", "microphone-absent": "absent",
  "microphone-busy": "busy", "microphone-failed": "failed", unsupported: "unsupported",
};
const CALLER = "ccc.testcall.caller";
const RECORD_MS = 1500; // until the record has arrived in the store

export function mount(element) {
  return element.querySelector("[data-tc=call]") ? new Panel(element) : null;
}

class Panel {
  #root;
  #call = null;
  #path;
  #timer = 0;
  #startedAt = 0;
  #withMicrophone = true;

  constructor(root) {
    this.#root = root;
    this.#path = new Path(this.#part("path"), this.#part("path-empty"));
    this.#part("caller").value = window.localStorage.getItem(CALLER) ?? "";
    const click = (name, act) => this.#part(name).addEventListener("click", act);
    click("call", () => this.#start(this.#withMicrophone));
    click("retry", () => this.#start(true));
    click("listen", () => this.#start(false));
    click("hangup", () => this.#call?.hangUp());
    click("mute", () => this.#mute());
    click("unblock", () => this.#call?.unblock());
    this.#part("caller").addEventListener("keydown", (event) => { if (event.key === "Enter") this.#start(true); });
    root.querySelector(".tc-keys").addEventListener("click", (event) => this.#press(event.target.closest("[data-key]")?.dataset.key));
    const holder = root.closest("dialog") ?? root;
    holder.addEventListener("keydown", (event) => this.#typed(event));
    root.closest("dialog")?.addEventListener("close", () => this.close(), { once: true });
    window.addEventListener("pagehide", () => this.close(), { once: true });
  }

  /** The panel goes: so does the call. */
  close() {
    window.clearInterval(this.#timer);
    this.#call?.close();
    this.#call = null;
  }

  #part(name) { return this.#root.querySelector(`[data-tc=${name}]`); }

  async #start(microphone) {
    if (this.#call) return;
    const caller = this.#part("caller").value.trim();
    window.localStorage.setItem(CALLER, caller);
    this.#withMicrophone = microphone;
    this.#problem(null);
    this.#part("sent").value = "";
    setText(this.#part("timer"), duration(0));
    this.#part("record").hidden = true;
    this.#path.clear();
    const call = this.#call = new TestCall(this.#root.dataset.ticket);
    this.#follow(call);
    try {
      await call.start({ caller, microphone });
    } catch (error) {
      if (call !== this.#call) return;
      this.#call = null;
      this.#show("idle", t("tc.idle"));
      this.#problem(error);
    }
  }

  #follow(call) {
    for (const name of EVENTS) {
      call.addEventListener(name, ({ detail }) => {
        this.#root.dispatchEvent(new CustomEvent(`testcall:${name}`, { detail, bubbles: true }));
      });
    }
    for (const name of ["enter", "leave", "heard", "key", "agent", "dialled"]) {
      call.addEventListener(name, ({ detail }) => this.#path[name](detail));
    }
    call.addEventListener("phase", ({ detail }) => {
      if (["microphone", "connecting"].includes(detail.phase)) this.#show(detail.phase, t(`tc.${detail.phase}`));
    });
    call.addEventListener("started", ({ detail }) => this.#started(detail));
    call.addEventListener("state", ({ detail }) => this.#state(detail));
    call.addEventListener("levels", ({ detail }) => this.#levels(detail));
    call.addEventListener("blocked", () => { this.#part("blocked").hidden = false; });
    call.addEventListener("unblocked", () => { this.#part("blocked").hidden = true; });
    call.addEventListener("trouble", ({ detail }) => this.#problem(detail.error));
    call.addEventListener("ended", ({ detail }) => this.#ended(detail));
  }

  // ---- showing ------------------------------------------------------------------------------------------------

  /** `state` for the style: idle, microphone, connecting, then what the server says, ended. */
  #show(state, text) {
    const live = !["idle", "ended"].includes(state);
    this.#root.dataset.state = state;
    setText(this.#part("status"), text);
    this.#part("call").hidden = live;
    this.#part("setup").hidden = live;
    this.#part("levels").hidden = !live;
    for (const name of ["hangup", "mute"]) this.#part(name).hidden = !live;
    for (const key of this.#root.querySelectorAll("[data-key]")) key.disabled = !live || state === "microphone";
    if (live && this.#root.contains(document.activeElement)) return;
    // Not the button to hang up: the Enter that called may still be held down.
    if (live) this.#root.querySelector(".tc-pad").focus();
    else if (document.activeElement === document.body || document.activeElement.matches("dialog")) this.#part("call").focus();
  }

  #started({ started_at }) {
    this.#startedAt = started_at;
    this.#part("mute").hidden = !this.#call.hasMicrophone;
    window.clearInterval(this.#timer);
    this.#timer = window.setInterval(() => this.#tick(), 250);
  }

  #tick() {
    if (this.#root.isConnected) setText(this.#part("timer"), duration(clock.since(this.#startedAt)));
    else this.close();
  }

  #state({ state, agent, skill_group: group }) {
    const text = state === "talking" && agent ? t("tc.talking.agent", { agent })
      : state === "queued" && group ? t("tc.queued.group", { group }) : t(`tc.${state}`);
    this.#show(state, text);
    this.#part("mute").hidden = !this.#call?.hasMicrophone;
  }

  #ended({ call, cause, detail, error }) {
    this.#call = null;
    window.clearInterval(this.#timer);
    this.#path.end();
    const why = hasText(`cause.${cause}`) ? t(`cause.${cause}`) : cause;
    this.#show("ended", [t("tc.ended"), why].filter(Boolean).join(" · "));
    setText(this.#part("call-text"), t("tc.again"));
    this.#part("mute").setAttribute("aria-pressed", "false");
    this.#part("blocked").hidden = true;
    this.#levels({ mic: 0, far: 0 });
    if (error) this.#problem(error);
    else if (detail) this.#tell(t(`meaning.${cause}`), detail);
    if (call) {
      this.#part("record").href = this.#root.dataset.record.replace("CALL", call);
      window.setTimeout(() => { if (!this.#call) this.#part("record").hidden = false; }, RECORD_MS);
    }
  }

  #levels({ mic, far }) {
    for (const [name, level] of [["mic", mic], ["far", far]]) {
      const bar = this.#part(`level-${name}`);
      const percent = Math.round(level * 100);
      bar.style.width = `${percent}%`;
      bar.parentElement.setAttribute("aria-valuenow", String(percent));
    }
  }

  #problem(error) {
    this.#part("problem").hidden = !error;
    if (!error) return;
    const trouble = TROUBLES[error.code];
    const detail = error.cause?.message ?? error.message;
    if (trouble) this.#tell(t(`mic.${trouble}.title`), t(`mic.${trouble}.cure`, { detail }));
    else this.#tell(t(hasText(`tc.error.${error.code}`) ? `tc.error.${error.code}` : "tc.error.other", { detail }), "");
    for (const name of ["retry", "listen"]) this.#part(name).hidden = !trouble || trouble === "unsupported";
  }

  #tell(title, more) {
    this.#part("problem").hidden = false;
    setText(this.#part("problem-title"), title);
    setText(this.#part("problem-cure"), more);
    for (const name of ["retry", "listen"]) this.#part(name).hidden = true;
  }

  // ---- acting -------------------------------------------------------------------------------------------------

  #mute() {
    const on = !this.#call?.muted;
    this.#call?.mute(on);
    this.#part("mute").setAttribute("aria-pressed", String(on));
  }

  #typed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.target.matches("input, textarea")) return;
    if (!/^[0-9*#]$/.test(event.key) || !this.#call) return;
    event.preventDefault();
    this.#press(event.key);
  }

  #press(key) {
    if (!key || !this.#call?.running) return;
    this.#call.press(key);
    this.#part("sent").value += key;
    const button = this.#root.querySelector(`[data-key="${key}"]`);
    button.classList.add("tc-pressed");
    window.setTimeout(() => button.classList.remove("tc-pressed"), 160);
  }
}
