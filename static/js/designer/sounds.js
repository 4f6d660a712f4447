// Sounds in the panel: hear a text as callers will, hear an audio, upload or record one without leaving the form.

import { byId, make, start, t } from "../common.js";
import { toast } from "../admin/toasts.js";
import { setUpRecorders } from "../admin/record.js";
import { headers, Refusal } from "./server.js";

const PARTS = ["text", "voice", "speed", "volume"];
const sound = new Audio();
let button = null;
let address = "";

export function setUpSounds(studio) {
  const holder = byId("panel");
  holder.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-speak], [data-sound-play]");
    if (pressed) listen(pressed, holder);
    const add = event.target.closest("[data-sound-add]");
    if (add) openBox(add.closest("[data-sound]"), studio);
  });
  holder.addEventListener("change", (event) => {
    const ops = holder.querySelector(`[data-sound="${CSS.escape(event.target.id)}"]`);
    const play = ops?.querySelector("[data-sound-play]");
    if (play) play.hidden = !event.target.value;
  });
  studio.addEventListener("select", rest);
  sound.addEventListener("ended", rest);
}

function rest() {
  sound.pause();
  button?.setAttribute("aria-pressed", "false");
  button = null;
  if (address) URL.revokeObjectURL(address);
  address = "";
}

/** Play what the button stands for; a second click stops it. */
async function listen(pressed, holder) {
  const same = pressed === button;
  rest();
  if (same) return;
  button = pressed;
  pressed.setAttribute("aria-pressed", "true");
  try {
    const url = pressed.dataset.speak ? await spoken(pressed.dataset.speak, holder) : file(byId(pressed.closest("[data-sound]").dataset.sound).value);
    if (button !== pressed) return; // stopped while it was being spoken
    sound.src = url;
    await sound.play();
  } catch (error) {
    if (button === pressed) rest();
    if (error.name !== "AbortError") toast(error.message, { bad: true });
  }
}

function file(name) {
  return start.urls["audio-file"].replace("__name__", encodeURIComponent(name));
}

async function spoken(path, holder) {
  const data = new FormData();
  for (const name of PARTS) {
    const value = holder.querySelector(`[name="${CSS.escape(`${path}.${name}`)}"]`)?.value;
    if (value !== undefined) data.set(name, value);
  }
  const answer = await fetch(start.urls.speak, { method: "POST", headers: headers(null), body: data });
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => ({})));
  address = URL.createObjectURL(await answer.blob());
  return address;
}

/** The box with name, file and recorder below the choice of an audio. Its inputs belong to a form of their own. */
function openBox(ops, studio) {
  const old = byId("panel").querySelector(".sound-box");
  const here = old?.previousElementSibling === ops;
  old?.remove();
  if (here || studio.readOnly) return;
  ops.after(byId("sound-box").content.cloneNode(true));
  const box = ops.nextElementSibling;
  setUpRecorders(box);
  const [name, input] = [box.querySelector("[name=name]"), box.querySelector("[name=file]")];
  input.addEventListener("change", () => { if (!name.value.trim() && input.files.length) name.value = nameOf(input.files[0]); });
  box.querySelector("[data-sound-close]").addEventListener("click", () => { box.remove(); ops.querySelector("[data-sound-add]").focus(); });
  box.querySelector("[data-sound-save]").addEventListener("click", () => save(box, ops));
  box.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === name) { event.preventDefault(); save(box, ops); } });
  input.focus();
}

function nameOf(given) {
  if (given.name !== "recording.wav") return given.name.replace(/\.[^.]*$/, "").slice(0, 128);
  const now = new Date();
  const two = (n) => String(n).padStart(2, "0");
  return t("sound.recorded", { time: `${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}` });
}

/** Send it; refused, everything stays as it was entered. */
async function save(box, ops) {
  const [name, input] = [box.querySelector("[name=name]"), box.querySelector("[name=file]")];
  const button_ = box.querySelector("[data-sound-save]");
  const data = new FormData();
  data.set("name", name.value);
  if (input.files.length) data.set("file", input.files[0]);
  told(box, {});
  button_.disabled = true;
  box.querySelector("[data-sound-state]").textContent = t("sound.working");
  try {
    const answer = await fetch(start.urls["audio-add"], { method: "POST", headers: headers(null), body: data });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) { told(box, body.message ? body : { message: t("panel.failed") }); return; }
    box.remove();
    choose(ops, body.name);
  } catch {
    told(box, { message: t("panel.failed") });
  } finally {
    button_.disabled = false;
    box.querySelector("[data-sound-state]").textContent = "";
  }
}

function told(box, { message = "", field = "" }) {
  for (const error of box.querySelectorAll("[data-of]")) {
    const here = Boolean(message) && error.dataset.of === (field === "name" ? "name" : "file");
    error.textContent = here ? message : "";
    error.hidden = !here;
    const input = box.querySelector(`[name=${error.dataset.of}]`);
    if (here) { input.setAttribute("aria-invalid", "true"); input.focus(); } else input.removeAttribute("aria-invalid");
  }
}

function choose(ops, name) {
  const select = byId(ops.dataset.sound);
  for (const other of byId("panel").querySelectorAll(".kind-ref select")) {
    if (other.closest(".kind-ref").querySelector("[data-sound]")) other.append(Object.assign(make("option", "", name), { value: name }));
  }
  select.value = name;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  toast(t("sound.added", { name }));
  select.focus();
}
