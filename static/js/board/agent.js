// The dialog in which a supervisor chooses an agent's state.

import { byId, here, make, setText, start, t } from "../common.js";

const dialog = byId("agent-dialog");
const CHOICES = ["ready", "break", "offline"];
let user = "";

/** `tell(text, bad)` shows what came of it. */
export function setUpAgentDialog(list, tell) {
  list.addEventListener("click", (event) => {
    const button = event.target.closest(".agent-open");
    if (button) open(button.closest(".agent").dataset.key, button.dataset.name);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    const choice = event.target.closest("[data-state]");
    if (choice) choose(choice, tell);
  });
}

function open(key, name) {
  user = key;
  setText(byId("agent-title"), name);
  dialog.dataset.name = name;
  byId("agent-choices").replaceChildren(...CHOICES.flatMap((state) => (
    [option(state, ""), ...(state === "break" ? start.breaks.map((reason) => option(state, reason)) : [])]
  )));
  dialog.showModal();
}

function option(state, reason) {
  const button = make("button", "agent-choice", make("i", "agent-dot"), t(`agent.${state}`) + (reason ? ` · ${reason}` : ""));
  button.type = "button";
  button.dataset.state = state;
  button.dataset.reason = reason;
  return button;
}

async function choose(button, tell) {
  const { state, reason } = button.dataset;
  const name = dialog.dataset.name;
  try {
    const response = await fetch(start.urls.state.replace("/-/", `/${encodeURIComponent(user)}/`), {
      method: "POST", credentials: "same-origin", body: new URLSearchParams({ state, reason }),
      headers: { "X-CSRFToken": start.csrf, Accept: "application/json", ...here },
    });
    if (!response.ok) throw new Error((await response.json()).message);
    tell(t("state_changed", { name, state: button.textContent }), false);
  } catch (error) {
    tell(error.message || t("state_failed"), true);
  }
  dialog.close();
}
