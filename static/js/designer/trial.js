// "Test without a phone": the pane at the right with its three tabs. The settings make room for it on narrow screens.

import { byId } from "../common.js";

export function setUpTrial(studio, pages) {
  const pane = byId("trial");
  const tabs = [...pane.querySelectorAll("[role=tab]")];
  let from = null;

  const show = (name) => {
    for (const tab of tabs) {
      const on = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = !on;
    }
    pages[name]?.shown();
  };
  const shownTab = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true");
  const open = (name = null) => {
    if (pane.hidden) from = document.activeElement;
    resized(studio, () => {
      pane.hidden = false;
      document.body.classList.add("is-testing");
    });
    show(name ?? shownTab().id.slice(4));
    shownTab().focus();
  };
  const close = () => {
    resized(studio, () => {
      pane.hidden = true;
      document.body.classList.remove("is-testing");
    });
    studio.mark("trial", new Map());
    for (const page of Object.values(pages)) page.closed?.();
    from?.focus?.();
  };

  for (const tab of tabs) tab.addEventListener("click", () => show(tab.id.slice(4)));
  pane.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(shownTab()) + step + tabs.length) % tabs.length];
    show(next.id.slice(4));
    next.focus();
  });
  // Keys pressed in the pane are for the call, not for the canvas.
  pane.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") close();
    event.stopPropagation();
  });
  return { open, close, show, toggle: () => (pane.hidden ? open() : close()), get isOpen() { return !pane.hidden; } };
}

/** A flow that was seen whole is seen whole in the other space, too. */
function resized(studio, change) {
  const { canvas } = studio;
  const [seen, all] = [canvas.seen(), canvas.bounds()];
  const whole = all && all.x >= seen.x && all.y >= seen.y && all.x + all.width <= seen.x + seen.width && all.y + all.height <= seen.y + seen.height;
  change();
  canvas.resize();
  if (whole) canvas.fit();
}
