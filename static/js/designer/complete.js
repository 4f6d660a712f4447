// Completion while somebody types a formula, a `${formula}` in a text, or a variable's name: the flow's own variables
// (those set before this node first), system variables, functions with their arguments.

import { byId, make, start, t } from "../common.js";
import { say } from "../admin/toasts.js";
import { variablesFor } from "./variables.js";

const MOST = 60;
const WORD = /[\p{L}\p{N}_.]*$/u;

export function setUpCompletion(studio, panel) {
  const list = make("ul", "complete");
  list.id = "complete";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", t("complete.title"));
  list.tabIndex = 0; // it scrolls; Tab never comes here, because leaving the field closes it
  list.hidden = true;
  document.body.append(list);
  let field = null;
  let found = [];
  let at = 0;
  let word = null;

  const close = () => {
    if (!field) return;
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
    field.removeAttribute("aria-controls");
    if (field.getAttribute("role") === "combobox") field.setAttribute("aria-expanded", "false");
    field = null;
  };
  const mark = () => {
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", list.children[at]?.id ?? "");
  };
  const open = (input, asked) => {
    word = wordAt(input);
    const wanted = word && (asked || word.text || word.begun) ? offers(studio, panel.node, input.dataset.complete, word.text) : [];
    const exact = wanted.length === 1 && wanted[0].name === word.text && !asked;
    if (!wanted.length || exact) { close(); return; }
    const fresh = field !== input || wanted.length !== found.length;
    if (field !== input) close();
    field = input;
    found = wanted;
    at = 0;
    list.replaceChildren(...found.map(option));
    place(list, input);
    list.hidden = false;
    field.setAttribute("aria-controls", "complete");
    if (field.getAttribute("role") === "combobox") field.setAttribute("aria-expanded", "true");
    mark();
    if (fresh) say(t("complete.count", { n: found.length }));
  };
  const take = (n) => {
    const [input, chosen, range] = [field, found[n], word];
    if (!input || !chosen) return;
    close();
    insert(input, chosen, range);
  };

  const holder = byId("side");
  holder.addEventListener("input", (event) => { if (event.target.dataset.complete && event.isTrusted) open(event.target, false); });
  holder.addEventListener("focusin", (event) => { if (event.target.dataset.complete === "name" && !event.target.value) open(event.target, true); });
  holder.addEventListener("focusout", (event) => { if (event.target === field) close(); });
  holder.addEventListener("scroll", close, { passive: true });
  holder.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.dataset.complete || event.isComposing) return;
    if (event.key === ")" && input.dataset.closes && input.value[input.selectionStart] === ")") {
      event.preventDefault(); // the one that came with the function
      delete input.dataset.closes;
      input.setSelectionRange(input.selectionStart + 1, input.selectionStart + 1);
      return;
    }
    if (event.key === " " && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      open(input, true);
      return;
    }
    if (!field) {
      if (event.key === "ArrowDown" && input.matches("input")) { event.preventDefault(); open(input, true); }
      return;
    }
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) {
      event.preventDefault();
      at = (at + way + found.length) % found.length;
      mark();
    } else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey && word.text)) {
      event.preventDefault();
      take(at);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation(); // it closes the list, nothing else
      close();
    } else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) close();
  }, true);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the focus stays in the field
    const item = event.target.closest("[role=option]");
    if (item) take([...list.children].indexOf(item));
  });
}

/** What is being typed: `{text, from, to, open}`; null where nothing can be completed. `open`: inside `${` without `}`. */
export function wordAt(input) {
  const { value, selectionStart: caret } = input;
  if (caret !== input.selectionEnd) return null;
  const before = value.slice(0, caret);
  const text = WORD.exec(before)[0];
  const from = caret - text.length;
  if (input.dataset.complete === "name") return { text: before, from: 0, to: value.length };
  if (quoted(input.dataset.complete === "template" ? before.slice(before.lastIndexOf("${") + 2) : before)) return null;
  if (input.dataset.complete === "expression") return { text, from, to: caret };
  const opened = before.lastIndexOf("${");
  if (opened < 0 || before.indexOf("}", opened) >= 0 || before[opened - 1] === "$") return null;
  const rest = value.slice(caret);
  const closed = rest.indexOf("}");
  const next = rest.indexOf("${");
  return { text, from, to: caret, begun: opened === caret - 2, open: closed < 0 || (next >= 0 && next < closed) };
}

/** Whether the formula's end lies inside a text of its own. */
function quoted(formula) {
  let quote = "";
  for (let n = 0; n < formula.length; n += 1) {
    if (quote && formula[n] === "\\") n += 1;
    else if (quote) { if (formula[n] === quote) quote = ""; } else if (formula[n] === '"' || formula[n] === "'") quote = formula[n];
  }
  return Boolean(quote);
}

function offers(studio, node, kind, text) {
  const own = variablesFor(studio, node);
  if (kind === "name") return ranked(own, text);
  return ranked([...own, ...start.vocabulary], text);
}

/** Those whose name begins with the word, then those that hold it, then those whose meaning does. */
function ranked(every, text) {
  const low = text.toLowerCase();
  const score = (one) => {
    const name = one.name.toLowerCase();
    if (name.startsWith(low)) return 0;
    if (name.includes(low)) return 1;
    return low.length > 1 && one.about.toLowerCase().includes(low) ? 2 : 9;
  };
  return every.map((one) => [score(one), one]).filter(([n]) => n < 9).sort((a, b) => a[0] - b[0]).slice(0, MOST).map(([, one]) => one);
}

function option(one, n) {
  const item = make("li", `complete-item is-${one.kind}`, make("code", "", one.shown), make("span", "", one.about));
  item.id = `complete-${n}`;
  item.setAttribute("role", "option");
  return item;
}

function place(list, input) {
  const box = input.getBoundingClientRect();
  const width = Math.max(box.width, 300);
  list.style.width = `${width}px`;
  list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  const below = innerHeight - box.bottom > 250;
  list.style.top = below ? `${box.bottom + 3}px` : "auto";
  list.style.bottom = below ? "auto" : `${innerHeight - box.top + 3}px`;
}

function insert(input, chosen, { from, to, open }) {
  const call = chosen.kind === "function";
  const text = call ? `${chosen.name}()` : chosen.name;
  input.focus();
  input.setRangeText(text + (open ? "}" : ""), from, to, "end");
  const caret = from + text.length + (call ? -1 : open ? 1 : 0);
  input.setSelectionRange(caret, caret);
  if (call) input.dataset.closes = "1";
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
