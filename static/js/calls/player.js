// The recording: a waveform per channel to look at and to seek in, by mouse and keyboard.

import { byId, duration, make, setText, start, t } from "../common.js";

const HEIGHT = 56;
const SEEK_S = 5;
const audio = byId("audio");
const waves = byId("waves");
const play = byId("play");
const style = getComputedStyle(document.body);
const TINTS = [style.getPropertyValue("--talk").trim(), style.getPropertyValue("--ready").trim()];
const REST = style.getPropertyValue("--line-2").trim();
let rows = [];
let seconds = 0;
let splitter = null;

function problem(text) {
  byId("player-problem").hidden = false;
  setText(byId("player-problem"), text);
}

/** Loud and quiet side by side: the square root lifts a quiet caller to where he can be seen. */
function draw() {
  const at = seconds ? audio.currentTime / seconds : 0;
  for (const { canvas, peaks, tint } of rows) {
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

function told() {
  const at = duration(audio.currentTime);
  setText(byId("play-at"), at);
  setText(byId("play-of"), seconds ? duration(seconds) : "–");
  waves.setAttribute("aria-valuemax", String(Math.round(seconds)));
  waves.setAttribute("aria-valuenow", String(Math.round(audio.currentTime)));
  waves.setAttribute("aria-valuetext", t("position", { t: at, d: duration(seconds) }));
  draw();
}

function seek(to) {
  audio.currentTime = Math.min(Math.max(0, to), seconds || 0);
  told();
}

function toggle() {
  if (audio.paused) audio.play().catch(() => problem(t("no_audio")));
  else audio.pause();
}

/** One channel on both ears; the graph is made with the first choice, stereo needs none. */
async function channel(which) {
  if (!splitter && which !== "both") {
    const context = new AudioContext();
    splitter = { context, split: context.createChannelSplitter(2), merge: context.createChannelMerger(2) };
    context.createMediaElementSource(audio).connect(splitter.split);
    splitter.merge.connect(context.destination);
  }
  if (!splitter) return;
  await splitter.context.resume();
  const { split, merge } = splitter;
  split.disconnect();
  for (const ear of [0, 1]) split.connect(merge, which === "both" ? ear : Number(which), ear);
}

function choose(button, name) {
  for (const other of document.querySelectorAll(`[data-${name}]`)) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

function keys(event) {
  const moves = {
    ArrowLeft: -SEEK_S, ArrowDown: -SEEK_S, ArrowRight: SEEK_S, ArrowUp: SEEK_S, PageDown: -30, PageUp: 30, Home: -Infinity, End: Infinity,
  };
  if (event.key in moves) seek(audio.currentTime + moves[event.key]);
  else if (event.key === " " || event.key === "Enter") toggle();
  else return;
  event.preventDefault();
}

async function load() {
  const response = await fetch(byId("player").dataset.peaks, { headers: { Accept: "application/json" } });
  if (!response.ok) {
    setText(byId("player-problem"), t("no_waveform"));
    byId("player-problem").hidden = false;
    return;
  }
  const found = await response.json();
  seconds = found.seconds;
  rows = found.channels.map((peaks, n) => {
    const canvas = make("canvas");
    const name = found.channels.length > 1 ? t(n ? "agent" : "caller") : "";
    waves.append(make("div", "wave", make("span", "wave-name", name), canvas));
    return { canvas, peaks, tint: TINTS[n] };
  });
  told();
}

play.addEventListener("click", toggle);
for (const name of ["play", "pause", "ended"]) {
  audio.addEventListener(name, () => {
    play.dataset.playing = String(!audio.paused);
    play.setAttribute("aria-label", start.texts[audio.paused ? "play" : "pause"]);
  });
}
audio.addEventListener("timeupdate", told);
audio.addEventListener("loadedmetadata", () => {
  if (Number.isFinite(audio.duration)) seconds = audio.duration;
  told();
});
audio.addEventListener("error", () => problem(t("no_audio")));
waves.addEventListener("keydown", keys);
waves.addEventListener("pointerdown", (event) => {
  const box = (rows[0]?.canvas ?? waves).getBoundingClientRect();
  seek(((event.clientX - box.left) / box.width) * seconds);
});
new ResizeObserver(draw).observe(waves);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-channel], [data-rate], [data-seek]");
  if (!button) return;
  if (button.dataset.channel) {
    choose(button, "channel");
    channel(button.dataset.channel);
  } else if (button.dataset.rate) {
    choose(button, "rate");
    audio.playbackRate = Number(button.dataset.rate);
  } else {
    seek(Number(button.dataset.seek));
    if (audio.paused) toggle();
  }
});

load().catch(() => problem(t("no_waveform")));
