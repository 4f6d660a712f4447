// A message that is played is heard: the list behind the panel and the number in the menu say so.

document.addEventListener("ccc:listened", () => {
  htmx.ajax("GET", location.href, { target: "#list-body", swap: "outerHTML" });
  document.dispatchEvent(new CustomEvent("ccc:counts"));
});
document.addEventListener("ccc:done", () => document.dispatchEvent(new CustomEvent("ccc:counts")));
