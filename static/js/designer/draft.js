// The draft: saved by itself a moment after each change, under an edit lock and with a revision check. Whatever happens
// to the network, the server or the lock: what was drawn stays in this browser until it is saved.

import { byId, make, start, t } from "../common.js";
import { toast } from "../admin/toasts.js";
import { replace } from "./replacing.js";
import { get, headers, post } from "./server.js";

const WAIT_MS = 700;
const BEAT_MS = 20000;
const RETRY_MS = [1000, 2000, 4000, 8000];
const PLACE = `ccc-flow:${start.instance}:${start.flow}`;

export class Draft {
  /** `problems(list)` gets the check of what was saved. */
  constructor(studio, problems) {
    this.studio = studio;
    this.problems = problems;
    this.revision = start.revision;
    this.token = sessionStorage.getItem(`${PLACE}:lock`) ?? "";
    this.changes = 0; // counts changes; `savedChanges` those the server has
    this.savedChanges = 0;
    this.saving = null;
    this.tries = 0;
    this.kept = true; // whether this browser keeps what is not saved yet
    studio.addEventListener("change", () => this.changed());
    studio.addEventListener("unsent", ({ detail }) => this.unsent(detail));
    studio.addEventListener("sent", () => { if (!this.unsaved && !studio.readOnly) this.showSaved(); });
    setInterval(() => this.beat(), BEAT_MS);
    addEventListener("online", () => this.save());
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.save(); });
    addEventListener("beforeunload", (event) => { if (this.unsaved && (this.problem || !this.kept)) event.preventDefault(); });
  }

  get unsaved() { return this.changes > this.savedChanges; }

  /** Take the lock and what this browser had kept. */
  async begin() {
    this.showSaved(start.saved_at);
    await this.lock(false);
  }

  async lock(takeOver) {
    try {
      const answer = await post("lock", { token: this.token, take_over: takeOver });
      this.hold(answer.token);
      if (answer.revision !== this.revision && !this.unsaved && !kept()) await this.reload();
      this.studio.setReadOnly(false);
      this.notice(null);
      this.restore();
      if (this.unsaved) this.save(); // drawn before the lock was lost
    } catch (error) {
      this.studio.setReadOnly(true);
      if (error.code === "locked") this.held(error.body.holder);
      else if (error.status) this.notice(error.message, []);
      else setTimeout(() => this.lock(takeOver), RETRY_MS[1]);
    }
  }

  hold(token) {
    this.token = token;
    sessionStorage.setItem(`${PLACE}:lock`, token);
  }

  /** Keep the lock; learn when somebody has taken it. One that ran out while the computer slept is taken anew. */
  async beat() {
    if (this.studio.readOnly || !this.token) return;
    try {
      const answer = await post("lock", { token: this.token });
      this.hold(answer.token);
      if (answer.revision > this.revision && !this.unsaved && !this.saving) await this.theirs();
    } catch (error) {
      if (error.code === "locked") this.lost(error.body.holder);
    }
  }

  changed() {
    this.changes += 1;
    this.kept = keep({ document: this.studio.document.raw, revision: this.revision });
    if (this.problem) return;
    this.show(t("unsaved"));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), WAIT_MS);
  }

  /** Save now; resolves to whether everything is saved. */
  async save() {
    clearTimeout(this.timer);
    if (this.saving) {
      await this.saving;
      return this.unsaved ? this.save() : true;
    }
    if (!this.unsaved || this.problem) return !this.unsaved;
    this.saving = this.send();
    const done = await this.saving;
    this.saving = null;
    if (done && this.unsaved) return this.save();
    return done;
  }

  async send() {
    const sent = this.changes;
    this.show(t("saving"));
    try {
      const answer = await post("save", { document: this.studio.document.raw, revision: this.revision, token: this.token });
      this.revision = answer.revision;
      this.savedChanges = sent;
      this.tries = 0;
      if (!this.unsaved) forget();
      this.showSaved(answer.at);
      this.problems(answer.problems);
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  /** The panel could not tell the server what was typed; it tries again by itself. */
  unsent(error) {
    if (error.code === "csrf") this.renew();
    else if (error.status === 401) this.show(t("save.signed_out"), true);
    else if (error.status && error.status < 500) this.show(t("save.refused", { why: error.message }), true);
    else this.show(t("save.failed"), true);
  }

  failed(error) {
    if (error.code === "locked") this.lost(error.body.holder);
    else if (error.code === "stale") this.stale(error.body);
    else if (error.status === 401) this.retry(t("save.signed_out"));
    else if (error.code === "csrf") this.renew();
    else if (error.status && error.status < 500) this.show(t("save.refused", { why: error.message }), true);
    else this.retry(t("save.failed"));
  }

  /** The session has ended or began anew (signed in again in another tab): its token for changes is another one. */
  async renew() {
    try {
      start.csrf = (await get("draft")).csrf;
      this.retry(t("save.failed"));
    } catch (error) {
      this.retry(error.status === 401 ? t("save.signed_out") : t("save.failed"));
    }
  }

  retry(text) {
    this.show(this.kept || !this.unsaved ? text : t("save.unkept"), true);
    const wait = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)];
    this.tries += 1;
    this.timer = setTimeout(() => this.save(), wait);
  }

  held(holder) {
    const text = holder?.own ? t("lock.own", { time: holder.since }) : t("lock.held", { name: holder?.name ?? "?", time: holder?.since ?? "" });
    this.notice(text, [[t("lock.take"), () => this.lock(true)]]);
    this.show(t("read_only"));
  }

  lost(holder) {
    this.studio.setReadOnly(true);
    this.show(t("read_only"), this.unsaved);
    this.notice(t("lock.lost", { name: holder?.name ?? "?" }), [[t("lock.back"), () => this.lock(true)], ...this.mine()]);
  }

  /** Saved elsewhere since: both stay, the user decides. */
  stale({ by, at, revision }) {
    this.problem = true;
    this.show(t("unsaved"), true);
    this.notice(t("stale", { name: by, time: at }), [
      [t("stale.theirs"), () => this.theirs()],
      [t("stale.mine"), () => this.mineInstead(revision)],
      ...this.mine(),
    ]);
  }

  /** Nodes that nobody placed were arranged to be drawn: only drawn, unless somebody wants to keep it. */
  offerArrangement() {
    const gone = () => this.notice(null);
    this.studio.addEventListener("change", gone, { once: true });
    this.notice(t("arranged"), [[t("arranged.keep"), () => { gone(); this.changed(); }]]);
  }

  mine() {
    return this.unsaved ? [[t("stale.file"), () => download(`${start.flow}.json`, this.studio.document.raw)]] : [];
  }

  mineInstead(revision) {
    this.revision = revision;
    this.problem = false;
    this.notice(null);
    this.save();
  }

  /** What was saved elsewhere, as a command: taking it back brings the own drawing again. */
  async theirs() {
    try {
      const answer = await get("draft");
      this.problem = false;
      this.notice(null);
      const had = this.unsaved;
      this.studio.run(t("cmd.theirs"), (edit) => replace(edit, this.studio.document, answer.document));
      this.stored(answer);
      toast(had ? t("stale.undo") : t("stale.shown", { name: answer.by }));
    } catch (error) {
      toast(error.status ? error.message : t("panel.failed"), { bad: true });
    }
  }

  /** The server has what the page shows. */
  stored(answer) {
    clearTimeout(this.timer);
    this.revision = answer.revision;
    this.savedChanges = this.changes;
    forget();
    this.showSaved(answer.at);
    this.problems(answer.problems);
  }

  async reload() {
    const answer = await get("draft");
    this.studio.load(answer.document);
    this.stored(answer);
  }

  /** Put back what was not saved when the page went away: a command, so that the stored draft is one step back. */
  restore() {
    const found = kept();
    if (!found || this.unsaved) return;
    const done = this.studio.run(t("cmd.restored"), (edit) => replace(edit, this.studio.document, found.document));
    if (!done) {
      forget();
      return;
    }
    toast(t("restored"));
    if (found.revision !== this.revision) this.stale({ by: start.saved_by, at: start.saved_at, revision: this.revision });
  }

  leave() {
    if (this.unsaved) keep({ document: this.studio.document.raw, revision: this.revision });
    if (this.studio.readOnly || !this.token) return;
    fetch(start.urls.unlock, { method: "POST", headers: headers("application/json"), body: JSON.stringify({ token: this.token }), keepalive: true }).catch(() => {});
  }

  showSaved(at = this.savedAt) {
    this.savedAt = at;
    this.show(t("saved", { time: at }));
  }

  show(text, bad = false) {
    const state = byId("save-state");
    state.textContent = state.title = text;
    state.classList.toggle("is-bad", bad);
  }

  notice(text, actions = []) {
    const bar = byId("notice");
    bar.hidden = text === null;
    bar.replaceChildren();
    if (text === null) return;
    bar.append(make("span", "", text));
    for (const [title, run] of actions) {
      const button = make("button", "btn btn-plain btn-sm", title);
      button.type = "button";
      button.addEventListener("click", run);
      bar.append(button);
    }
  }
}

function keep(value) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(value));
    return true;
  } catch {
    return false; // full (a flow of several megabytes) or forbidden: leaving the page asks first
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

function forget() {
  localStorage.removeItem(PLACE);
}

function download(name, value) {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
