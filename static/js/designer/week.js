// The week of working hours as a grid beside its seven texts: paint with the mouse or the keys. The texts are what is
// posted; the grid only reads and writes them.

import { make, start, t } from "../common.js";
import { merged, paint, readDay, writeDay } from "./week_hours.js";

const STEP = 30;
const CELLS = (24 * 60) / STEP;

export function setUpWeek(studio) {
  studio.addEventListener("form", ({ detail }) => {
    for (const field of detail.querySelectorAll("[data-week]")) new Week(field, studio);
  });
}

class Week {
  constructor(field, studio) {
    this.studio = studio;
    this.inputs = [...field.querySelectorAll(".week-day input")];
    this.at = [0, 18];
    this.grid = make("div", "week-grid");
    this.grid.setAttribute("role", "grid");
    this.grid.setAttribute("aria-label", t("week.grid"));
    this.grid.setAttribute("aria-multiselectable", "true");
    this.cells = start.weekdays.map((name, day) => Array.from({ length: CELLS }, (_, n) => this.cell(name, day, n)));
    this.cells.forEach((row, day) => this.grid.append(this.row(row, day)));
    field.querySelector(".week-day").before(scale(), this.grid);
    field.addEventListener("input", (event) => { if (this.inputs.includes(event.target)) this.draw(); });
    this.grid.addEventListener("pointerdown", (event) => this.press(event));
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.grid.setAttribute("aria-readonly", String(studio.readOnly));
    this.draw();
  }

  row(cells, day) {
    const head = make("span", "week-name", start.weekdays[day]);
    head.setAttribute("role", "rowheader");
    const row = make("div", "week-row", head, ...cells);
    row.setAttribute("role", "row");
    return row;
  }

  cell(name, day, n) {
    const cell = make("span", "week-cell");
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-label", t("week.cell", { day: name, time: writeDay([[n * STEP, (n + 1) * STEP]]) }));
    cell.tabIndex = day === 0 && n === 18 ? 0 : -1;
    cell.dataset.at = `${day},${n}`;
    return cell;
  }

  /** Minutes of each day, `[[from, to], ...]`; null for a text that cannot be read. */
  days() { return this.inputs.map((input) => readDay(input.value)); }

  draw() {
    const days = this.days();
    days.forEach((spans, day) => {
      const before = days[(day + 6) % 7] ?? [];
      const tail = before.filter(([, to]) => to > 1440).map(([, to]) => [0, to - 1440]);
      const open = merged([...(spans ?? []), ...tail]);
      this.inputs[day].classList.toggle("is-unread", spans === null);
      this.cells[day].forEach((cell, n) => {
        const [from, to] = [n * STEP, (n + 1) * STEP];
        const covered = open.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0);
        cell.setAttribute("aria-selected", String(covered > 0));
        cell.classList.toggle("is-part", covered > 0 && covered < STEP);
      });
    });
  }

  isOpen([day, n]) { return this.cells[day][n].getAttribute("aria-selected") === "true"; }

  /** Open or close the rectangle between two cells. */
  set([day, n], [otherDay, other], open, settled) {
    const days = this.days();
    for (let one = Math.min(day, otherDay); one <= Math.max(day, otherDay); one += 1) {
      if (days[one] === null) continue; // what is being typed there is not overwritten
      paint(days, one, Math.min(n, other) * STEP, (Math.max(n, other) + 1) * STEP, open);
    }
    days.forEach((spans, one) => {
      const text = spans === null ? this.inputs[one].value : writeDay(spans);
      if (this.inputs[one].value !== text) this.inputs[one].value = text;
    });
    this.draw();
    if (settled) this.inputs[day].dispatchEvent(new Event("change", { bubbles: true }));
  }

  press(event) {
    const from = place(event.target);
    if (!from || event.button !== 0 || this.studio.readOnly) return;
    event.preventDefault();
    const open = !this.isOpen(from);
    const texts = this.inputs.map((input) => input.value);
    let to = from;
    const draw = () => {
      this.inputs.forEach((input, n) => { input.value = texts[n]; });
      this.set(from, to, open, false);
    };
    const move = (moved) => {
      const under = document.elementFromPoint(moved.clientX, moved.clientY);
      const found = under && this.grid.contains(under) ? place(under) : null;
      if (!found) return;
      to = found;
      draw();
    };
    const done = () => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", done);
      document.removeEventListener("pointercancel", done);
      draw();
      this.go(to);
      this.inputs[from[0]].dispatchEvent(new Event("change", { bubbles: true }));
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", done);
    document.addEventListener("pointercancel", done);
    draw();
  }

  key(event) {
    const from = place(event.target);
    if (!from) return;
    const [day, n] = from;
    const to = { ArrowRight: [day, n + 1], ArrowLeft: [day, n - 1], ArrowDown: [day + 1, n], ArrowUp: [day - 1, n], Home: [day, 0], End: [day, CELLS - 1] }[event.key];
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (!this.studio.readOnly) this.set(from, from, !this.isOpen(from), true);
    } else if (to) {
      event.preventDefault();
      event.stopPropagation();
      if (!this.cells[to[0]]?.[to[1]]) return;
      if (event.shiftKey && !this.studio.readOnly) this.set(from, to, this.isOpen(from), true);
      this.go(to);
    }
  }

  go([day, n]) {
    for (const cell of this.grid.querySelectorAll("[tabindex='0']")) cell.tabIndex = -1;
    this.cells[day][n].tabIndex = 0;
    this.cells[day][n].focus();
  }
}

function place(element) {
  const at = element.closest(".week-cell")?.dataset.at;
  return at ? at.split(",").map(Number) : null;
}

function scale() {
  const line = make("div", "week-scale", ...[0, 6, 12, 18, 24].map((hour) => make("span", "", String(hour))));
  line.setAttribute("aria-hidden", "true");
  return line;
}
