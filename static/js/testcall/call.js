/**
 * A test call: this browser is the caller of a flow. Touches no DOM; one object is one call.
 *
 *     const call = new TestCall("/test-call/draft/menu/ticket");
 *     call.addEventListener("enter", ({ detail }) => highlight(detail.node));
 *     await call.start({ caller: "13800138000" });   // throws AudioError (microphone) or OpError (refused)
 *     call.press("1"); call.mute(true); call.hangUp();
 *
 * Events, the facts in `event.detail` (messages of docs/protocols.md "Test call"; times are epoch ms):
 *
 * | event                | detail                                                                            |
 * |----------------------|-----------------------------------------------------------------------------------|
 * | `phase`              | `{phase}`: `microphone`, `connecting`, `running`, `ended`                          |
 * | `started`            | `{call, callee, flow: {name, title, version}, started_at}`                         |
 * | `state`              | `{state: routed|ringing|flow|queued|talking|hold, agent, skill_group}`             |
 * | `enter`              | `{n, node, name, type, flow, at}`; `flow` is another one inside a sub-flow         |
 * | `leave`              | `{n, node, exit, variables, at}`; `exit` null: the call ended in the node          |
 * | `heard`              | `{n, prompts: [{kind: tts|audio|tone, text|name|hz}], at}`                          |
 * | `key`                | `{n, key, at}`: a key has arrived at the flow                                      |
 * | `agent`              | `{agent, group, at}`: an agent answered                                            |
 * | `dialled`            | `{n, callee, trunk, cause}`: the flow calls somebody; `cause` once that is over    |
 * | `levels`             | `{mic, far}` 0..1                                                                  |
 * | `blocked`, `unblocked` | the browser plays nothing before a click: call `unblock()` in a click handler    |
 * | `trouble`            | `{error}`: the microphone or speaker failed during the call                        |
 * | `ended`              | `{call, cause, detail, at, recording}`; `call` '' and `error` when the server is gone |
 */

import { AgentAudio } from "../audio.js";
import { Connection, OpError } from "../connection.js";

const REFUSED = { 4403: "disabled", 1013: "unavailable" };
const TOLD = ["state", "enter", "leave", "heard", "key", "answered", "agent", "dialled"];

export class TestCall extends EventTarget {
  #ticketUrl;
  #connection = null;
  #audio = null;
  #phase = "idle";
  #started = null;

  /** @param {string} ticketUrl where `POST` gives `{ticket, url, now}` */
  constructor(ticketUrl) {
    super();
    this.#ticketUrl = ticketUrl;
  }

  get phase() { return this.#phase; }
  get running() { return this.#phase === "running"; }
  get muted() { return this.#audio?.muted ?? false; }
  get hasMicrophone() { return Boolean(this.#audio?.microphoneLabel); }
  /** What `start` learnt: `{call, callee, flow, started_at}`, null before. */
  get facts() { return this.#started; }

  /** Call. `microphone: false` only listens. A failure ends this object. */
  async start({ caller = "", microphone = true } = {}) {
    const audio = this.#audio = new AgentAudio();
    for (const name of ["levels", "blocked", "unblocked"]) audio.addEventListener(name, ({ detail }) => this.#emit(name, detail));
    audio.addEventListener("error", ({ detail }) => {
      if (this.running && detail.error.code !== "connect-failed") this.#emit("trouble", detail);
    });
    try {
      if (microphone) {
        this.#enter("microphone");
        await audio.openMicrophone();
      }
      await audio.setTalking(microphone);
      this.#enter("connecting");
      await this.#connect();
      await this.#call(caller);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** Press a key: as a tone of the line (RFC 4733), or over the socket while the line cannot carry it. */
  press(key) {
    if (!this.running || this.#audio.press(key)) return;
    this.#connection.request("key", { key }).catch((error) => this.#emit("trouble", { error }));
  }

  mute(on) { this.#audio?.mute(on); }
  unblock() { return this.#audio?.unblock(); }

  /** Hang up. `ended` follows while the server is there. */
  hangUp() {
    if (this.running) this.#connection.request("hangup").catch(() => {}); // the call's end comes before the reply
    else this.close();
  }

  /** Leave at once, also while it is still connecting (the page goes). */
  close() {
    const before = this.#phase;
    this.#release();
    if (before === "running") this.#emit("ended", { call: this.#started.call, cause: "caller-hangup", detail: "" });
  }

  // ---- inside -------------------------------------------------------------------------------------------------

  #emit(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  #enter(phase) {
    this.#phase = phase;
    this.#emit("phase", { phase });
  }

  #connect() {
    const connection = this.#connection = new Connection(this.#ticketUrl, { again: false });
    for (const name of TOLD) connection.addEventListener(name, ({ detail }) => this.#emit(name, detail));
    connection.addEventListener("ended", ({ detail }) => this.#over(detail));
    return new Promise((resolve, reject) => {
      connection.addEventListener("hello", resolve);
      connection.addEventListener("session", () => reject(new OpError("session")));
      connection.addEventListener("bye", ({ detail }) => this.#lost(new OpError(detail.why), reject));
      connection.addEventListener("closed", ({ detail }) => this.#lost(detail.error ?? new OpError(REFUSED[detail.code] ?? "offline"), reject));
      connection.open();
    });
  }

  async #call(caller) {
    let refused = null;
    try {
      await this.#audio.connect(async (sdp) => {
        if (this.#started) return (await this.#connection.request("rtc-offer", { sdp })).sdp;
        try {
          const reply = await this.#connection.request("start", { sdp, caller });
          this.#started = { call: reply.call, callee: reply.callee, flow: reply.flow, started_at: reply.started_at };
          return reply.sdp;
        } catch (error) {
          refused = error;
          throw error;
        }
      });
    } catch (error) {
      throw refused ?? error;
    }
    if (this.#phase !== "connecting") return; // it ended before the answer was set
    this.#enter("running");
    this.#emit("started", this.#started);
  }

  #lost(error, reject) {
    if (this.running) this.#over({ call: "", cause: "", detail: "", error });
    else reject(error);
  }

  #over(detail) {
    if (this.#phase === "ended") return;
    this.#release();
    this.#emit("ended", detail);
  }

  #release() {
    this.#audio?.close();
    this.#connection?.close();
    if (this.#phase !== "ended") this.#enter("ended");
  }
}
