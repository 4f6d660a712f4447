// Alt with a letter: works while typing a note and cannot be hit by accident.

import { byId, make, t } from "../common.js";

/** `actions`: the parts of the page. Keys are named by place (`event.code`), as Option types other letters on a Mac. */
export function bindShortcuts({ callView, stateBar, sound, note }) {
  const keys = [
    ["KeyA", "A", "key.accept", () => callView.accept()],
    ["KeyR", "R", "key.reject", () => callView.reject()],
    ["KeyM", "M", "key.mute", () => callView.toggleMute()],
    ["KeyH", "H", "key.hold", () => callView.toggleHold()],
    ["KeyK", "K", "key.keypad", () => callView.toggleKeypad()],
    ["KeyQ", "Q", "key.hangup", () => callView.hangup()],
    ["KeyN", "N", "key.note", () => note.focus()],
    ["KeyW", "W", "key.done", () => callView.finish()],
    ["Digit1", "1", "key.ready", () => stateBar.set("ready")],
    ["Digit2", "2", "key.break", () => stateBar.openBreaks()],
    ["Digit0", "0", "key.offline", () => stateBar.set("offline")],
    ["KeyS", "S", "key.sound", () => sound.open()],
  ];
  const dialog = byId("help-dialog");
  const help = () => (dialog.open ? dialog.close() : dialog.showModal());

  byId("help-list").replaceChildren(...keys.map(([, key, text]) => row(["Alt", key], text)), row(["?"], "key.help"));
  byId("help-open").addEventListener("click", help);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || !byId("takeover").hidden) return;
    if (event.key === "?" && !event.altKey && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      help();
      return;
    }
    const found = event.altKey && keys.find(([code]) => code === event.code);
    if (found) {
      event.preventDefault();
      found[3]();
    }
  });
}

function row(names, text) {
  return make("div", "", make("dt", "", ...names.map((name) => make("kbd", "", name))), make("dd", "", t(text)));
}
