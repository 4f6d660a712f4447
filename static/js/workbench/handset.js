// Microphone, speaker and the audio path during the shift: asks early, follows the call, says what is wrong.

import { byId, hasText, t } from "../common.js";

const TROUBLES = {
  "microphone-refused": "refused", "insecure-context": "insecure", "microphone-absent": "absent",
  "microphone-busy": "busy", unsupported: "unsupported",
};

const AGAIN_MS = 3000;

export class Handset {
  #audio;
  #connection;
  #toasts;
  #joined = false;
  #closed = false;
  #callId = null;

  constructor(audio, connection, toasts) {
    this.#audio = audio;
    this.#connection = connection;
    this.#toasts = toasts;
    audio.addEventListener("blocked", () => { byId("banner-blocked").hidden = false; });
    audio.addEventListener("unblocked", () => { byId("banner-blocked").hidden = true; });
    audio.addEventListener("state", () => this.#showPath());
    audio.addEventListener("microphone", ({ detail }) => this.#microphone(detail));
    audio.addEventListener("error", ({ detail }) => this.#failed(detail.error));
    byId("unblock").addEventListener("click", () => audio.unblock());
    byId("mic-retry").addEventListener("click", () => this.openMicrophone());
  }

  get muted() { return this.#audio.muted; }

  /** Ask for the microphone; resolves to whether it is there (a refusal is shown with its cure). */
  async openMicrophone() {
    try {
      await this.#audio.openMicrophone();
    } catch (error) {
      this.#failed(error);
      return false;
    }
    byId("banner-mic").hidden = true;
    return true;
  }

  /** Before going ready: whoever cannot be heard should not be rung. */
  async fit() {
    if (byId("banner-mic").hidden || (await this.openMicrophone())) return true;
    this.#toasts.info(t("mic.needed"));
    return false;
  }

  /** After each `hello`: connect for the shift, later mend what is broken (`broken`: the server says so). */
  async join(broken = false) {
    try {
      if (!this.#joined) {
        this.#joined = true;
        await this.#audio.connect(async (sdp) => (await this.#connection.request("rtc-offer", { sdp })).sdp);
      } else if (broken || this.#audio.state !== "up") {
        await this.#audio.restart({ fresh: true });
      }
    } catch {
      this.#showPath();
      window.setTimeout(() => { if (this.#connection.connected && this.#audio.state === "down") this.join(); }, AGAIN_MS);
    }
  }

  /** The server's view of this agent's leg. */
  serverSays(state) {
    // A restarted runtime has lost the leg although the browser still believes in its connection.
    if (state === "down" && this.#joined && this.#audio.state === "up") this.join(true);
    this.#showPath();
  }

  /** Send the microphone only while joined with somebody. */
  follow(call) {
    if (call?.id !== this.#callId) {
      this.#callId = call?.id ?? null;
      this.#audio.mute(false);
    }
    this.#audio.setTalking(call?.state === "talking").catch((error) => this.#failed(error));
  }

  mute(on) {
    this.#audio.mute(on);
  }

  close() {
    if (!this.#closed) this.#audio.close();
    this.#closed = true;
    for (const name of ["banner-media", "banner-mic", "banner-blocked"]) byId(name).hidden = true;
  }

  #showPath() {
    const down = this.#joined && !this.#closed && this.#audio.state === "down" && this.#connection.connected;
    byId("banner-media").hidden = !down;
  }

  #microphone({ state, label }) {
    byId("chip-name").textContent = label || t("device.default");
    if (state === "open") byId("banner-mic").hidden = true;
    else if (state === "fallback") this.#toasts.info(t("device.lost", { label: "" }));
    else this.#toasts.info(t("device.lost", { label }));
  }

  #failed(error) {
    const code = error.code ?? "";
    if (code === "connect-failed") return this.#showPath();
    if (code === "speaker-refused") return this.#toasts.info(t("speaker.refused"));
    const name = TROUBLES[code] ?? "failed";
    byId("mic-title").textContent = t(`mic.${name}.title`);
    byId("mic-cure").textContent = t(`mic.${name}.cure`, { detail: error.cause?.message ?? error.message });
    byId("banner-mic").hidden = false;
    if (hasText("chip.none")) byId("chip-name").textContent = t("chip.none");
  }
}
