// Every page of the administration: htmx's requests, panels and dialogs, lists, keys.

import { byId, openIn, closeAll, setUpDialogs } from "./dialogs.js";
import { setUpForms } from "./forms.js";
import { pointOutNext, setUpLists, uncheck } from "./lists.js";
import { setUpKeys } from "./keys.js";
import { say, toast, words } from "./toasts.js";

const HOLDERS = { panel: "panel-dialog", question: "question-dialog" };

// A refusal that comes as a form (errors at their fields, a conflict) belongs where the form was.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  const html = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html");
  if (xhr.status >= 400 && html && target.id in HOLDERS) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  htmx.process(event.target);  // else it does so 20 ms later: a quick Ctrl+Enter would leave the page
  openWhatCame(event.target);
});

function openWhatCame(target) {
  const holder = HOLDERS[target.id];
  if (holder && target.childElementCount) openIn(byId(holder));
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 401) {
    toast(words.signedOut, { bad: true });
    return;
  }
  let text = words.failed;
  try {
    text = JSON.parse(xhr.responseText).message || text;
  } catch {
    // Not ours (a proxy's page): the general words must do.
  }
  toast(text, { bad: true });
});

document.addEventListener("htmx:sendError", () => toast(words.offline, { bad: true }));
document.addEventListener("htmx:timeout", () => toast(words.offline, { bad: true }));

document.addEventListener("ccc:done", (event) => {
  const { text, key, undo, problems, keep } = event.detail;
  closeAll(keep ? "question-dialog" : "");
  toast(text, {
    problems,
    action: undo && { title: words.undo, run: () => post(undo.url, undo.values) },
  });
  say(text);
  uncheck();
  refresh(key);
});

/** Ask for the list again, with its search, filters and page as they are. */
export function refresh(key = "") {
  const body = byId("list-body");
  if (!body) return;
  pointOutNext(key);
  htmx.ajax("GET", location.href, { target: "#list-body", swap: "outerHTML" });
}

export function post(url, values) {
  htmx.ajax("POST", url, { source: document.body, values, swap: "none" });
}

// A panel named in the address is open now: reloading the page later opens the list.
const here = new URL(location.href);
if (here.searchParams.has("open")) {
  here.searchParams.delete("open");
  history.replaceState(history.state, "", here);
}

setUpDialogs();
setUpForms();
setUpLists(post);
setUpKeys();
// What somebody quick asked for before this file was there.
for (const [id, holder] of Object.entries(HOLDERS)) if (byId(id).childElementCount) openIn(byId(holder));
document.body.dataset.ready = "";
