// A file field that may also be filled from the microphone: record, watch the level, listen, record again, save.

import { AudioError, openMicrophone } from "../audio_devices.js";
import { seconds, wavFile } from "./wav.js";

const words = document.getElementById("record-words");
const SHOW_MS = 100;
const FLOOR_DB = 60;
const QUIET = 0.03;
let running = null;
let kept = null; // {url, file, recorded}: what a refused form must not lose

function say(key, values = {}) {
  return words.dataset[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function clock(whole) {
  return `${Math.floor(whole / 60)}:${String(Math.floor(whole % 60)).padStart(2, "0")}`;
}

class Recorder {
  #input;
  #box;
  #most;
  #blocks = [];
  #count = 0;
  #energy = 0;
  #context = null;
  #stream = null;
  #timer = 0;
  #address = "";

  constructor(input) {
    this.#input = input;
    this.#most = seconds(Number(input.dataset.record));
    this.#box = words.content.firstElementChild.cloneNode(true);
    input.closest(".field").append(this.#box);
    this.#part("button").addEventListener("click", () => (this.#context ? this.stop() : this.#start()));
    input.addEventListener("change", (event) => {
      if (event.isTrusted) this.#forget();
      kept = this.#url() && input.files.length ? { url: this.#url(), file: input.files[0], recorded: false } : null;
    });
    this.#show("idle");
    if (kept?.url && kept.url === this.#url()) this.#take(kept.file, kept.recorded);
    else kept = null;
  }

  #part(name) { return this.#box.querySelector(`[data-part=${name}]`); }
  #url() { return this.#input.form.getAttribute("hx-post"); }

  #show(state, text = "") {
    this.#box.dataset.state = state;
    this.#part("button").lastElementChild.textContent = say({ idle: "start", recording: "stop", done: "again" }[state]);
    this.#part("status").textContent = text;
    if (state !== "recording") this.#part("level").value = 0;
  }

  async #start() {
    if (running) return;
    running = this;
    try {
      this.#stream = (await openMicrophone("", true)).stream;
      if (!this.#box.isConnected) throw new AudioError("connect-failed");
      this.#context = new AudioContext();
      await this.#context.audioWorklet.addModule(new URL("record_worklet.js", import.meta.url));
    } catch (error) {
      this.#release();
      const code = error instanceof AudioError ? error.code : "microphone-failed";
      this.#show("idle", say({
        "microphone-refused": "refused", "microphone-absent": "absent", "microphone-busy": "busy", "insecure-context": "insecure",
      }[code] ?? "failed"));
      return;
    }
    this.#forget();
    this.#input.value = "";
    this.#blocks = [];
    this.#count = 0;
    const node = new AudioWorkletNode(this.#context, "record", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }) => this.#heard(data);
    new MediaStreamAudioSourceNode(this.#context, { mediaStream: this.#stream }).connect(node);
    this.#stream.getAudioTracks()[0].addEventListener("ended", () => this.stop()); // unplugged: what there is stays
    this.#show("recording", say("speak"));
    this.#timer = window.setInterval(() => this.#tick(), SHOW_MS);
    this.#tick();
  }

  #heard(block) {
    this.#blocks.push(block);
    this.#count += block.length;
    this.#energy = Math.max(this.#energy, block.reduce((sum, sample) => sum + sample * sample, 0) / block.length);
    if (this.#context && this.#count >= this.#most * this.#context.sampleRate) this.stop(say("full", { time: clock(this.#most) }));
  }

  #tick() {
    if (!this.#box.isConnected) {
      this.#release(); // the form is gone: nobody listens any more
      return;
    }
    this.#part("time").textContent = `${clock(this.#count / this.#context.sampleRate)} / ${clock(this.#most)}`;
    this.#part("level").value = Math.max(0, 1 + (10 * Math.log10(this.#energy + 1e-12)) / FLOOR_DB);
    this.#energy = 0; // the loudest moment since the last look counts
  }

  async stop(note = "") {
    if (!this.#context) return;
    const rate = this.#context.sampleRate;
    this.#release();
    if (!this.#box.isConnected) return;
    if (!this.#count) {
      this.#show("idle", say("failed"));
      return;
    }
    const most = this.#most * rate;
    const { file, peak } = await wavFile(trimmed(this.#blocks, most), rate, "recording.wav");
    this.#take(file, true);
    this.#show("done", note || say(peak < QUIET ? "quiet" : "listen"));
    this.#input.form.dataset.dirty = "";
    kept = this.#url() ? { url: this.#url(), file, recorded: true } : null;
  }

  /** Put the file into the form's own field: it goes to the server as an upload would. */
  #take(file, recorded) {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    this.#input.files = transfer.files;
    if (!recorded) return;
    this.#address = URL.createObjectURL(file);
    const sound = this.#part("sound");
    sound.dataset.play = this.#address;
    sound.hidden = false;
    this.#show("done", say("listen"));
  }

  #forget() {
    const sound = this.#part("sound");
    sound.hidden = true;
    if (sound.getAttribute("aria-pressed") === "true") sound.click(); // it must not go on playing
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = "";
    kept = null;
    this.#show("idle");
    this.#part("time").textContent = "";
  }

  #release() {
    window.clearInterval(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    this.#context = this.#stream = running = null;
  }
}

function trimmed(blocks, most) {
  let left = most;
  return blocks.map((block) => {
    const part = block.subarray(0, Math.max(0, Math.min(block.length, left)));
    left -= part.length;
    return part;
  }).filter((block) => block.length);
}

/** Give every file field below `root` that asks for it a recorder. */
export function setUpRecorders(root) {
  for (const input of root.querySelectorAll?.("input[type=file][data-record]") ?? []) {
    if (!input.closest(".field").querySelector(".recorder")) new Recorder(input);
  }
}

document.addEventListener("htmx:load", (event) => setUpRecorders(event.target));
document.addEventListener("close", () => {
  running?.stop();
  if (!document.querySelector("dialog[open]")) kept = null;
}, true);
setUpRecorders(document);
