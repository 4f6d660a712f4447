// The sound dialog: devices, level meters, ring test, notification permission, what the line is worth.

import { byId, make, t } from "../common.js";

const STATS_MS = 1000;
const RING_TEST_MS = 2500;

export class SoundDialog {
  #audio;
  #toasts;
  #dialog = byId("audio-dialog");
  #timer = 0;

  constructor(audio, toasts) {
    this.#audio = audio;
    this.#toasts = toasts;
    byId("audio-open").addEventListener("click", () => this.open());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog || event.target.closest("[data-close]")) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => window.clearInterval(this.#timer));
    this.#choice("microphone", (id) => audio.chooseMicrophone(id));
    this.#choice("speaker", (id) => audio.chooseSpeaker(id));
    this.#choice("ring-device", (id) => audio.chooseRingDevice(id));
    byId("ring-test").addEventListener("click", () => this.#ringTest());
    byId("notify-ask").addEventListener("click", async () => {
      await Notification.requestPermission();
      this.#notifications();
    });
    audio.addEventListener("devices", ({ detail }) => this.#devices(detail));
    audio.addEventListener("levels", ({ detail }) => this.#levels(detail));
    this.#label();
  }

  open() {
    if (this.#dialog.open) return;
    this.#dialog.showModal();
    this.#notifications();
    this.#audio.devices().then((devices) => this.#devices(devices));
    this.#stats();
    this.#timer = window.setInterval(() => this.#stats(), STATS_MS);
  }

  #choice(id, choose) {
    byId(id).addEventListener("change", async (event) => {
      try {
        await choose(event.target.value);
      } catch (error) {
        this.#toasts.info(error.code === "speaker-refused" ? t("speaker.refused") : this.#micText(error));
      }
      this.#label();
    });
  }

  #micText(error) {
    const name = String(error.code ?? "").replace("microphone-", "");
    return [t(`mic.${name}.title`), t(`mic.${name}.cure`, { detail: error.message })].join(" ");
  }

  #devices({ microphones, speakers, microphone, speaker, ring }) {
    this.#fill("microphone", microphones, microphone);
    this.#fill("speaker", speakers, speaker);
    this.#fill("ring-device", speakers, ring);
    this.#label();
  }

  #fill(id, devices, chosen) {
    const select = byId(id);
    const named = devices.filter((device) => device.id && device.id !== "default");
    const options = [new Option(t("device.default"), "")];
    named.forEach((device, n) => options.push(new Option(device.label || t("device.number", { n: n + 1 }), device.id)));
    select.replaceChildren(...options);
    select.value = named.some((device) => device.id === chosen) ? chosen : "";
  }

  #label() {
    const label = this.#audio.microphoneLabel;
    if (label) byId("chip-name").textContent = label;
  }

  #levels({ mic, far }) {
    byId("chip-mic").style.width = `${Math.round(mic * 100)}%`;
    if (!this.#dialog.open) return;
    for (const [id, level] of [["mic-meter", mic], ["speaker-meter", far]]) {
      byId(id).firstElementChild.style.width = `${Math.round(level * 100)}%`;
      byId(id).setAttribute("aria-valuenow", String(Math.round(level * 100)));
    }
  }

  #ringTest() {
    this.#audio.ring(true);
    byId("ring-test").disabled = true;
    window.setTimeout(() => {
      // A call that began to ring meanwhile goes on ringing.
      if (byId("call").dataset.call !== "ringing") this.#audio.ring(false);
      byId("ring-test").disabled = false;
    }, RING_TEST_MS);
  }

  #notifications() {
    const state = "Notification" in window && window.isSecureContext ? Notification.permission : "denied";
    byId("notify-ask").hidden = state !== "default";
    byId("notify-on").hidden = state !== "granted";
    byId("notify-off").hidden = state !== "denied";
  }

  async #stats() {
    const stats = await this.#audio.stats();
    const rows = [["stats.state", t(`media.${stats.state}`)]];
    if (stats.rtt_ms !== null) rows.push(["stats.rtt", `${stats.rtt_ms} ms`]);
    if (stats.jitter_ms !== null) rows.push(["stats.jitter", `${stats.jitter_ms} ms`]);
    rows.push(["stats.loss", String(stats.lost_in + (stats.lost_out ?? 0))]);
    byId("audio-stats").replaceChildren(...rows.map(([key, value]) => make(
      "div", "", make("dt", "", t(key)), make("dd", "", value),
    )));
  }
}
