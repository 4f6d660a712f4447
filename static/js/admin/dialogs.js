// The panel that slides in, and dialogs. Native <dialog>: focus stays inside, the page behind is inert.

export const byId = (id) => document.getElementById(id);
let cameFrom = null;

/** Show the dialog (again: its content was replaced) and put the focus where the work is. */
export function openIn(dialog) {
  if (!dialog.open) {
    cameFrom = cameFrom && cameFrom.isConnected && document.querySelector("dialog[open]") ? cameFrom : document.activeElement;
    for (const picker of document.querySelectorAll("details.picker[open]")) {
      if (picker.contains(cameFrom)) cameFrom = picker.querySelector("summary");
      picker.open = false;
    }
    dialog.showModal();
  }
  const first = dialog.querySelector("[aria-invalid=true], .has-error input, .has-error select, [data-theirs]")
    || dialog.querySelector("[autofocus]")
    || dialog.querySelector(".panel-body input:not([type=hidden]):not([type=checkbox]):not([type=radio]), .panel-body select, .panel-body textarea, .sheet-body input:not([type=hidden]), .sheet-body select, .sheet-body textarea")
    || dialog.querySelector("button");
  first?.focus();
}

/** Close every dialog but the one named, without asking: what they held is saved. */
export function closeAll(only = "") {
  for (const dialog of document.querySelectorAll("dialog[open]")) {
    if (!only || dialog.id === only) shut(dialog);
  }
}

export function isDirty(dialog) {
  return Boolean(dialog.querySelector("form[data-dirty]"));
}

/** Close as a person asks for it: what was entered is not thrown away without a word. */
export function close(dialog) {
  if (isDirty(dialog)) byId("leave-dialog").showModal();
  else shut(dialog);
}

function shut(dialog) {
  dialog.close();
  const filled = dialog.querySelector("[data-filled]");
  if (filled) filled.replaceChildren();
}

export function setUpDialogs() {
  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-close]");
    const dialog = event.target.closest("dialog");
    if (closer && dialog) close(dialog);
    // A click beside the panel: the backdrop belongs to the dialog element itself.
    else if (event.target instanceof HTMLDialogElement && event.target.classList.contains("panel")) close(event.target);
    else if (event.target.closest("[data-stay]")) byId("leave-dialog").close();
    else if (event.target.closest("[data-discard]")) {
      byId("leave-dialog").close();
      closeAll();
    }
  });
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("cancel", (event) => {
      if (dialog.id === "leave-dialog") return;
      event.preventDefault();
      close(dialog);
    });
    dialog.addEventListener("close", () => {
      if (document.querySelector("dialog[open]") || !cameFrom) return;
      // Somebody quick is elsewhere already: leave him there.
      if (cameFrom.isConnected && (document.activeElement === document.body || dialog.contains(document.activeElement))) cameFrom.focus();
      cameFrom = null;
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if ([...document.querySelectorAll("dialog[open]")].some(isDirty)) event.preventDefault();
  });
}
