// Pages whose panel or drawer may hold a test call: what htmx brings in is brought to life.

import { mount } from "./panel.js";

function bring(root) {
  for (const element of root.querySelectorAll("[data-testcall]:not([data-mounted])")) {
    element.dataset.mounted = "";
    mount(element);
  }
}

document.addEventListener("htmx:afterSwap", (event) => bring(event.target));
bring(document);
