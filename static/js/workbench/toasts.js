// Short messages in the corner: refused operations, changed devices.

import { hasText, make, t } from "../common.js";

const STAY_MS = 6000;
const MOST = 3;

export class Toasts {
  #box;

  constructor(box) {
    this.#box = box;
  }

  info(text) {
    this.#show(text, "toast-info");
  }

  /** An OpError in words. */
  problem(error) {
    this.#show(hasText(`error.${error.code}`) ? t(`error.${error.code}`) : error.message, "toast-bad");
  }

  #show(text, className) {
    const toast = make("div", `note-toast ${className}`, text);
    while (this.#box.children.length >= MOST) this.#box.firstChild.remove();
    this.#box.append(toast);
    window.setTimeout(() => toast.remove(), STAY_MS);
  }
}
