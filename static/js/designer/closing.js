// The numbers of this flow with their emergency switch (紧急关闭): the server's own form, in a dialog.

import { byId } from "../common.js";

const dialog = byId("closing-dialog");

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  const html = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html");
  if (target.id !== "closing" || xhr.status < 400 || !html) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "closing" && !dialog.open) dialog.showModal();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});
