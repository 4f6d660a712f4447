// A WebSocket to the runtime that comes back by itself: ticket, sequence numbers, questions and answers, back-off.

import { clock, here, start } from "./common.js";

const BACK_OFF_MS = [300, 1000, 2000, 4000, 8000];
const REPLY_MS = 8000;
const PING_MS = 5000;
const OPEN_MS = 8000;

/** An operation the server refused (`code`, `message`), or that got no answer (`offline`, `timeout`). */
export class OpError extends Error {
  constructor(code, message) {
    super(message || code);
    this.code = code;
  }
}

/**
 * Events: one per message type of docs/protocols.md (`hello`, `call`, ...; the message in `event.detail`), and
 * `open` (first message of a connection arrived), `lost` ({again_ms}), `session` (signed out), `bye` ({why}).
 * With `again: false` it does not come back: `closed` ({code}, or {error} when there was no ticket) instead of `lost`.
 */
export class Connection extends EventTarget {
  #ticketUrl;
  #comesBack;
  #socket = null;
  #sequence = null;
  #questions = new Map();
  #number = 0;
  #attempt = 0;
  #retry = 0;
  #ping = 0;
  #opening = 0;
  #pinged = 0;
  #ended = false;

  constructor(ticketUrl, { again = true } = {}) {
    super();
    this.#ticketUrl = ticketUrl;
    this.#comesBack = again;
    // Back from sleep or from a dead network: no waiting for the next attempt.
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("offline", () => { if (this.connected) this.#closed(this.#socket, 1006); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.retryNow(); });
  }

  get connected() { return this.#sequence !== null; }

  /** Connect, and stay connected until `close()` or a `bye` that forbids it. */
  open() {
    this.#connect();
  }

  retryNow() {
    if (this.#retry && !this.#ended) {
      window.clearTimeout(this.#retry);
      this.#retry = 0;
      this.#connect();
    }
  }

  close() {
    this.#ended = true;
    window.clearTimeout(this.#retry);
    this.#socket?.close(1000);
    this.#forget("offline");
  }

  /** Ask the server; resolves to its reply. Rejects with OpError. */
  request(op, fields = {}) {
    if (!this.connected) return Promise.reject(new OpError("offline"));
    const id = ++this.#number;
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#questions.delete(id);
        reject(new OpError("timeout"));
      }, REPLY_MS);
      this.#questions.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ id, op, ...fields }));
    });
  }

  async #connect() {
    this.#retry = 0;
    let ticket;
    try {
      ticket = await this.#ticket();
    } catch (error) {
      if (error.code === "unauthenticated" || error.code === "csrf") {
        this.#ended = true;
        this.#emit("session", {});
      } else if (this.#comesBack && ["conflict", "forbidden"].includes(error.code)) {
        this.#ended = true;
        window.location.reload(); // the page is of an instance that is not the user's (any more): it says so, or shows the other
      } else if (this.#comesBack) {
        this.#again();
      } else {
        this.#ended = true;
        this.#emit("closed", { error });
      }
      return;
    }
    if (this.#ended) return;
    clock.set(ticket.now);
    const url = new URL(ticket.url, window.location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("ticket", ticket.ticket);
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#opening = window.setTimeout(() => socket.close(), OPEN_MS);
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = (event) => this.#closed(socket, event.code);
  }

  async #ticket() {
    const response = await fetch(this.#ticketUrl, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": start.csrf, ...here },
      credentials: "same-origin",
      signal: AbortSignal.timeout(OPEN_MS),
    });
    const body = await response.json();
    if (!response.ok) throw new OpError(body.code, body.message);
    return body;
  }

  #received(socket, text) {
    if (socket !== this.#socket) return;
    const message = JSON.parse(text);
    if (this.#sequence === null) {
      window.clearTimeout(this.#opening);
      this.#attempt = 0;
      this.#pinged = 0;
      this.#ping = window.setInterval(() => this.#alive(), PING_MS);
    } else if (message.seq !== this.#sequence + 1) {
      // Something is missing: a new connection begins with a whole snapshot.
      socket.close(4000, "gap");
      return;
    }
    const first = this.#sequence === null;
    this.#sequence = message.seq;
    if (first) this.#emit("open", {});
    if (message.t === "reply") this.#reply(message);
    else this.#emit(message.t, message);
    if (message.t === "bye" && message.why !== "shutdown") this.#ended = true;
  }

  #reply(message) {
    const question = this.#questions.get(message.re);
    if (!question) return;
    this.#questions.delete(message.re);
    window.clearTimeout(question.timer);
    if (message.ok) question.resolve(message);
    else question.reject(new OpError(message.code, message.message));
  }

  #alive() {
    // Two pings without an answer: the network is gone although no close came.
    if (this.#pinged >= 2) {
      this.#closed(this.#socket, 1006);
      return;
    }
    this.#pinged += 1;
    this.request("ping").then(() => { this.#pinged = 0; }, () => {});
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    socket?.close();
    window.clearTimeout(this.#opening);
    this.#forget("offline");
    if (this.#ended) return;
    if (code === 4001 || code === 4003) {
      this.#ended = true;
      this.#emit("bye", { why: code === 4001 ? "taken-over" : "disabled" });
    } else if (!this.#comesBack) {
      this.#ended = true;
      this.#emit("closed", { code });
    } else {
      this.#again();
    }
  }

  #forget(code) {
    window.clearInterval(this.#ping);
    this.#sequence = null;
    for (const question of this.#questions.values()) {
      window.clearTimeout(question.timer);
      question.reject(new OpError(code));
    }
    this.#questions.clear();
  }

  #again() {
    if (this.#ended || this.#retry) return;
    const base = BACK_OFF_MS[Math.min(this.#attempt++, BACK_OFF_MS.length - 1)];
    const wait = Math.round(base * (0.8 + 0.4 * Math.random())); // a restart must not be met by all pages at once
    this.#retry = window.setTimeout(() => this.#connect(), wait);
    this.#emit("lost", { again_ms: wait });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
