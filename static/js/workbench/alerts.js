// A ringing call makes itself known: tone on the ring device, desktop notification, blinking title.

import { callerName, duration, t } from "../common.js";
import { placeText } from "./call.js";

const BLINK_MS = 1000;

export class Alerts {
  #audio;
  #ringing = null;
  #notice = null;
  #blink = 0;
  #title = document.title;

  constructor(audio) {
    this.#audio = audio;
  }

  follow(call, group, agent) {
    const ringing = call?.state === "ringing" && !agent?.auto_answer ? call.id : null;
    if (ringing === this.#ringing) return;
    this.stop();
    if (ringing) this.#start(call, group);
  }

  stop() {
    this.#ringing = null;
    this.#audio.ring(false);
    this.#notice?.close();
    this.#notice = null;
    window.clearInterval(this.#blink);
    document.title = this.#title;
  }

  #start(call, group) {
    this.#ringing = call.id;
    this.#audio.ring(true);
    const number = callerName(call.caller);
    let on = false;
    const blink = () => {
      on = !on;
      document.title = on ? t("title.ringing", { number }) : this.#title;
    };
    blink();
    this.#blink = window.setInterval(blink, BLINK_MS);
    if ("Notification" in window && Notification.permission === "granted" && !document.hasFocus()) {
      const body = t("notify.body", { place: placeText(call), group: group || t("none"), waited: duration(call.waited_s) });
      this.#notice = new Notification(t("notify.title", { number }), { body, tag: call.id, requireInteraction: true });
      this.#notice.onclick = () => window.focus();
    }
  }
}
