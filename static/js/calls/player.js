// The recording: a waveform per channel to look at and to seek in, by mouse and keyboard. One player on a page; it may
// come later (in a panel), then another takes its place.

import { duration, make, setText, start, t } from "../common.js";

const HEIGHT = 56;
const SEEK_S = 5;
const style = getComputedStyle(document.body);
const TINTS = [style.getPropertyValue("--talk").trim(), style.getPropertyValue("--ready").trim()];
const REST = style.getPropertyValue("--line-2").trim();
let current = null;

class Player {
  #root;
  #audio;
  #waves;
  #rows = [];
  #seconds = 0;
  #splitter = null;

  constructor(root) {
    this.#root = root;
    this.#audio = root.querySelector("audio");
    this.#waves = root.querySelector("#waves");
    this.#listen();
    this.#load().catch(() => this.#problem(t("no_waveform")));
  }

  seek(to) {
    this.#audio.currentTime = Math.min(Math.max(0, to), this.#seconds || 0);
    this.#told();
  }

  playFrom(to) {
    this.seek(to);
    if (this.#audio.paused) this.#toggle();
  }

  #part(id) {
    return this.#root.querySelector(`#${id}`);
  }

  #problem(text) {
    this.#part("player-problem").hidden = false;
    setText(this.#part("player-problem"), text);
  }

  /** Loud and quiet side by side: the square root lifts a quiet caller to where he can be seen. */
  #draw() {
    const at = this.#seconds ? this.#audio.currentTime / this.#seconds : 0;
    for (const { canvas, peaks, tint } of this.#rows) {
      const scale = window.devicePixelRatio || 1;
      const width = canvas.clientWidth;
      if (canvas.width !== Math.round(width * scale)) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(HEIGHT * scale);
      }
      const paint = canvas.getContext("2d");
      paint.setTransform(scale, 0, 0, scale, 0, 0);
      paint.clearRect(0, 0, width, HEIGHT);
      const step = 3;
      for (let x = 0; x < width; x += step) {
        const from = Math.floor((x / width) * peaks.length);
        const to = Math.max(from + 1, Math.floor(((x + step) / width) * peaks.length));
        const height = Math.max(1.5, Math.sqrt(Math.max(0, ...peaks.slice(from, to)) / 255) * (HEIGHT - 6));
        paint.fillStyle = x / width <= at ? tint : REST;
        paint.fillRect(x, (HEIGHT - height) / 2, step - 1, height);
      }
      paint.fillStyle = style.color;
      paint.fillRect(Math.min(width - 1, at * width), 0, 1.5, HEIGHT);
    }
  }

  #told() {
    const at = duration(this.#audio.currentTime);
    setText(this.#part("play-at"), at);
    setText(this.#part("play-of"), this.#seconds ? duration(this.#seconds) : "–");
    this.#waves.setAttribute("aria-valuemax", String(Math.round(this.#seconds)));
    this.#waves.setAttribute("aria-valuenow", String(Math.round(this.#audio.currentTime)));
    this.#waves.setAttribute("aria-valuetext", t("position", { t: at, d: duration(this.#seconds) }));
    this.#draw();
  }

  #toggle() {
    if (this.#audio.paused) this.#audio.play().catch(() => this.#problem(t("no_audio")));
    else this.#audio.pause();
  }

  /** One channel on both ears; the graph is made with the first choice, stereo needs none. */
  async #channel(which) {
    if (!this.#splitter && which !== "both") {
      const context = new AudioContext();
      this.#splitter = { context, split: context.createChannelSplitter(2), merge: context.createChannelMerger(2) };
      context.createMediaElementSource(this.#audio).connect(this.#splitter.split);
      this.#splitter.merge.connect(context.destination);
    }
    if (!this.#splitter) return;
    await this.#splitter.context.resume();
    const { split, merge } = this.#splitter;
    split.disconnect();
    for (const ear of [0, 1]) split.connect(merge, which === "both" ? ear : Number(which), ear);
  }

  #choose(button, name) {
    for (const other of this.#root.querySelectorAll(`[data-${name}]`)) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  }

  #keys(event) {
    const moves = {
      ArrowLeft: -SEEK_S, ArrowDown: -SEEK_S, ArrowRight: SEEK_S, ArrowUp: SEEK_S, PageDown: -30, PageUp: 30, Home: -Infinity, End: Infinity,
    };
    if (event.key in moves) this.seek(this.#audio.currentTime + moves[event.key]);
    else if (event.key === " " || event.key === "Enter") this.#toggle();
    else return;
    event.preventDefault();
  }

  async #load() {
    const response = await fetch(this.#root.dataset.peaks, { headers: { Accept: "application/json" } });
    if (!response.ok) {
      this.#problem(t("no_waveform"));
      return;
    }
    const found = await response.json();
    this.#seconds = found.seconds;
    const channels = found.channels.slice(0, Number(this.#root.dataset.channels));
    this.#rows = channels.map((peaks, n) => {
      const canvas = make("canvas");
      const name = channels.length > 1 ? make("span", "wave-name", t(n ? "agent" : "caller")) : null;
      this.#waves.append(make("div", name ? "wave" : "wave wave-alone", name, canvas));
      return { canvas, peaks, tint: TINTS[n] };
    });
    this.#told();
  }

  #listen() {
    const audio = this.#audio;
    const play = this.#part("play");
    play.addEventListener("click", () => this.#toggle());
    for (const name of ["play", "pause", "ended"]) {
      audio.addEventListener(name, () => {
        play.dataset.playing = String(!audio.paused);
        play.setAttribute("aria-label", start.texts[audio.paused ? "play" : "pause"]);
      });
    }
    audio.addEventListener("playing", () => document.dispatchEvent(new CustomEvent("ccc:listened")), { once: true });
    audio.addEventListener("timeupdate", () => this.#told());
    audio.addEventListener("loadedmetadata", () => {
      if (Number.isFinite(audio.duration)) this.#seconds = audio.duration;
      this.#told();
    });
    audio.addEventListener("error", () => this.#problem(t("no_audio")));
    this.#waves.addEventListener("keydown", (event) => this.#keys(event));
    this.#waves.addEventListener("pointerdown", (event) => {
      const box = (this.#rows[0]?.canvas ?? this.#waves).getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * this.#seconds);
    });
    new ResizeObserver(() => this.#draw()).observe(this.#waves);
    this.#root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-channel], [data-rate]");
      if (!button) return;
      if (button.dataset.channel) {
        this.#choose(button, "channel");
        this.#channel(button.dataset.channel);
      } else {
        this.#choose(button, "rate");
        audio.playbackRate = Number(button.dataset.rate);
      }
    });
  }
}

function setUp(part) {
  const root = part.querySelector?.(".player");
  if (root) current = new Player(root);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seek]");
  if (button) current?.playFrom(Number(button.dataset.seek));
});
// htmx puts panels into the page after this has run; each is announced once.
document.addEventListener("htmx:load", (event) => {
  if (event.target !== document.body) setUp(event.target);
});
setUp(document);
