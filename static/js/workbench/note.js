// Note and disposition of the call: saved as typed, kept over a lost connection.

import { byId, make, setText, t } from "../common.js";

const TYPING_MS = 500;
const AGAIN_MS = 3000;

export class NoteForm {
  #connection;
  #call = null;
  #disposition = "";
  #dirty = false;
  #timer = 0;
  #hurried = false;

  constructor(connection) {
    this.#connection = connection;
    byId("note").addEventListener("input", () => this.#changed(this.#hurried ? 0 : TYPING_MS));
    byId("note-form").addEventListener("submit", (event) => event.preventDefault());
    byId("disposition-list").addEventListener("click", (event) => {
      const value = event.target.closest("button")?.dataset.value;
      if (value === undefined) return;
      this.#disposition = this.#disposition === value ? "" : value;
      this.#mark();
      this.#changed(0);
    });
  }

  focus() {
    if (this.#call) byId("note").focus();
  }

  show(call, dispositions) {
    const other = call?.id !== this.#call;
    if (other) {
      if (this.#dirty) this.#send(this.#call); // the wrap-up ended while typing: the last words still count
      this.#call = call?.id ?? null;
      this.#dirty = false;
      window.clearTimeout(this.#timer);
      setText(byId("note-saved"), "");
    }
    if (!call) return;
    // What is being typed here is newer than what the server knows.
    if (!this.#dirty && (other || document.activeElement !== byId("note"))) {
      byId("note").value = call.note ?? "";
      this.#disposition = call.disposition ?? "";
    }
    if (other) this.#chips(dispositions);
    this.#mark();
  }

  /** The skill group's dispositions were changed while the call is open. */
  offer(dispositions) {
    if (!this.#call) return;
    this.#chips(dispositions);
    this.#mark();
  }

  /** The wrap-up is about to end: send what is there, and from now on every key press at once. */
  hurry(on) {
    if (on && !this.#hurried && this.#dirty) this.#changed(0);
    this.#hurried = on;
  }

  /** After a reconnect. */
  resend() {
    if (this.#dirty) this.#changed(0);
  }

  #chips(dispositions) {
    byId("dispositions").hidden = dispositions.length === 0;
    byId("disposition-list").replaceChildren(...dispositions.map((name) => {
      const button = make("button", "chip", name);
      button.type = "button";
      button.dataset.value = name;
      return button;
    }));
  }

  #mark() {
    for (const button of byId("disposition-list").children) {
      button.setAttribute("aria-pressed", String(button.dataset.value === this.#disposition));
    }
  }

  #changed(after_ms) {
    this.#dirty = true;
    setText(byId("note-saved"), t("note.saving"));
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#send(this.#call), after_ms);
  }

  async #send(call) {
    const sent = { note: byId("note").value, disposition: this.#disposition };
    try {
      await this.#connection.request("note", { call, ...sent });
    } catch (error) {
      if (call !== this.#call || error.code === "gone") return;
      setText(byId("note-saved"), t("note.unsaved"));
      this.#timer = window.setTimeout(() => { if (this.#dirty) this.#send(call); }, AGAIN_MS);
      return;
    }
    if (call !== this.#call || byId("note").value !== sent.note || this.#disposition !== sent.disposition) return;
    this.#dirty = false;
    setText(byId("note-saved"), t("note.saved"));
  }
}
