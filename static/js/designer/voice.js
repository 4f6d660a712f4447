// "Call this draft": the panel of a test call (js/testcall) beside the canvas. The draft is saved first, the node the call
// is in stands out on the canvas, the way it took stays lit. The call is a leg of its own: agents' tabs are untouched.

import { byId, start } from "../common.js";
import { toast } from "../admin/toasts.js";
import { mount } from "../testcall/panel.js";
import { bringIntoView } from "./trail.js";

export function setUpVoice(studio, panel, draft, trail) {
  const holder = byId("voice");
  if (!holder) return { shown() {} }; // only an administrator calls
  let asked = false;
  let mounted = null;
  let calling = false;

  const load = async () => {
    asked = true;
    const answer = await fetch(start.urls.voice, { headers: { "HX-Request": "true", Accept: "text/html" } });
    if (!answer.ok) {
      asked = false;
      toast(`HTTP ${answer.status}`, { bad: true });
      return;
    }
    holder.innerHTML = await answer.text(); // the server's own template, texts escaped there
    for (const button of holder.querySelectorAll("[data-close]")) button.remove(); // the pane has its own
    mounted = mount(holder.querySelector("[data-testcall]"));
  };
  /** The draft the page shows is the one that is called: what is not saved yet is saved before the call is made. */
  const saveFirst = async (event) => {
    const button = event.target.closest("[data-tc=call], [data-tc=retry], [data-tc=listen]");
    if (!button || studio.readOnly || !(draft.unsaved || panel.pending)) return;
    event.preventDefault();
    event.stopPropagation();
    await panel.flush();
    if (await draft.save()) button.click();
    else toast(byId("save-state").textContent, { bad: true });
  };
  holder.addEventListener("click", saveFirst, { capture: true });
  holder.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-tc=caller]")) return;
    event.stopPropagation();
    holder.querySelector("[data-tc=call]").click();
  }, { capture: true });
  holder.addEventListener("testcall:phase", ({ detail }) => {
    if (detail.phase === "connecting") trail.clear();
    calling = detail.phase !== "ended";
  });
  holder.addEventListener("testcall:enter", ({ detail }) => {
    trail.enter(detail.node);
    bringIntoView(studio, detail.node);
  });
  holder.addEventListener("testcall:leave", ({ detail }) => trail.leave(detail.node, detail.exit));
  holder.addEventListener("testcall:ended", () => trail.end());
  holder.addEventListener("click", (event) => {
    const step = event.target.closest(".tc-step[data-node]");
    if (step && studio.document.node(step.dataset.node)) studio.canvas.focus(step.dataset.node);
  });
  return {
    shown() { if (!asked) load(); },
    closed() { if (calling) mounted?.close(); },
  };
}
