// Shared by the pages' scripts: the start block, texts, small DOM helpers, durations.

/** What the server put into the page: `{csrf, timezone, urls, texts, ...}`. */
export const start = JSON.parse(document.getElementById("start").textContent);

/** For every request of a page: what it is about, should another tab work in another instance by now. */
export const here = document.body.dataset.instance ? { "X-CCC-Instance": document.body.dataset.instance } : {};

/** The text of `key` with `{name}` filled in; the key itself when there is no such text. */
export function t(key, values = {}) {
  const text = start.texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function hasText(key) {
  return key in start.texts;
}

export function byId(id) {
  return document.getElementById(id);
}

/** `<tag class=...>` with children (strings become text nodes: nothing is ever parsed as HTML). */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SPRITE = document.querySelector("link[rel=icon]").href.replace(/favicon\.svg.*/, "icons.svg");
const SVG = "http://www.w3.org/2000/svg";

export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${className}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  const known = document.querySelector(`svg use[href$="#${name}"]`);
  use.setAttribute("href", known ? known.getAttribute("href") : `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

/** Seconds -> `1:05` or `1:02:03`. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A time of day on the instance's wall clock. */
export function timeOfDay(ms) {
  return ms ? new Date(ms).toLocaleTimeString("en-GB", { timeZone: start.timezone, hour12: false }) : "";
}

export function setText(element, text) {
  // Unchanged text is left alone: a live region must not speak twice, a selection must not be lost.
  if (element.textContent !== text) element.textContent = text;
}

/** A caller's number for people; who hides it is anonymous. */
export const callerName = (number) => (number && number !== "anonymous" ? number : t("anonymous"));

/** The server's clock, as far as `hello` told it. */
export const clock = {
  offset: 0,
  set(serverNow) { this.offset = serverNow - Date.now(); },
  now() { return Date.now() + this.offset; },
  /** Seconds since a server time in ms; 0 when unknown. */
  since(ms) { return ms ? Math.max(0, (this.now() - ms) / 1000) : 0; },
};
