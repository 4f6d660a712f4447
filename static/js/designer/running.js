// Which version is published, which one new calls get, how many calls run: asked until the two agree, then now and then.

import { byId } from "../common.js";
import { get } from "./server.js";

const SOON_MS = 700;
const LATER_MS = 15000;

export function setUpRunning() {
  const tag = byId("live-tag");
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    let wait = LATER_MS;
    try {
      const { text, settled } = document.hidden ? { settled: true } : await get("running");
      if (text) tag.textContent = tag.title = text;
      if (!settled) wait = SOON_MS;
    } catch {
      // The server does not answer: what was known stays, the draft's state tells of it.
    }
    clearTimeout(timer); // asked twice at once
    timer = setTimeout(look, wait);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  look();
  return { look };
}
