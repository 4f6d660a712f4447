// 保存并发布: the draft is saved first, then the server's dialog says what publishing does and takes the message.

import { byId, start, t } from "../common.js";
import { toast } from "../admin/toasts.js";
import { headers, Refusal } from "./server.js";

export function setUpPublish(studio, panel, draft, running) {
  const dialog = byId("publish-dialog");
  const holder = byId("publish");
  const prepare = async () => {
    const typed = await panel.flush();
    if (!studio.readOnly && !(typed && (await draft.save()))) {
      toast(t("publish.unsaved"), { bad: true });
      return;
    }
    const answer = await ask();
    if (!answer) return;
    if (!answer.ok) {
      toast(new Refusal(answer.status, await answer.json().catch(() => ({}))).message, { bad: true });
      return;
    }
    fill(await answer.text());
    dialog.showModal();
  };
  let opening = null; // a second click while the first is being answered opens nothing twice
  const open = async () => {
    if (opening || dialog.open) return;
    opening = prepare();
    await opening.finally(() => { opening = null; });
  };
  const fill = (html) => {
    holder.innerHTML = html; // the server's own template, texts escaped there
    window.htmx.process(holder);
  };
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(event.target);
    data.set("revision", String(draft.revision));
    const button = event.target.querySelector(".btn-primary");
    button.disabled = true;
    const answer = await ask({ method: "POST", body: data });
    button.disabled = false;
    if (!answer) return;
    const json = (answer.headers.get("Content-Type") || "").includes("json");
    if (!json) {
      fill(await answer.text());
      return;
    }
    const body = await answer.json();
    if (!answer.ok) {
      toast(body.message, { bad: true });
      return;
    }
    dialog.close();
    if (body.planned) {
      toast(body.planned);
      return;
    }
    draft.revision = body.revision;
    byId("live-tag").classList.add("tag-good");
    running.look();
    toast(t("published", { version: body.version }));
  });
  dialog.addEventListener("click", (event) => {
    const failed = event.target.closest("[data-case-node]");
    if (failed || event.target.closest("[data-close]")) dialog.close();
    const node = failed?.dataset.caseNode;
    if (!node || !studio.document.node(node)) return;
    studio.select({ nodes: [node] });
    studio.canvas.focus(node);
  });
  return { open };
}

/** The server's answer; null, and the user is told, when there is none. */
async function ask(options = {}) {
  const accept = { Accept: "application/json, text/html", "HX-Request": "true" };
  try {
    return await fetch(start.urls.publish, { ...options, headers: { ...headers(null), ...accept } });
  } catch {
    toast(t("publish.no_answer"), { bad: true });
    return null;
  }
}
