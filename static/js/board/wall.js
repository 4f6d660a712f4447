// Full screen: by the button or F; the screen is kept from going dark where the browser can do that.

import { setText, t } from "../common.js";

export function fullScreen(button) {
  let awake = null;
  const toggle = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());

  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", toggle);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "f" && !event.ctrlKey && !event.metaKey && !event.altKey) toggle();
  });
  document.addEventListener("fullscreenchange", async () => {
    const on = document.fullscreenElement !== null;
    document.body.classList.toggle("is-full", on);
    setText(button.querySelector("span"), t(on ? "leave_full_screen" : "full_screen"));
    await awake?.release();
    awake = on && "wakeLock" in navigator ? await navigator.wakeLock.request("screen").catch(() => null) : null;
  });
}
