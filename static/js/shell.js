// Every page: open menus close on Escape and on a click elsewhere; copy buttons; what is new in the menu.

function closePickers(except) {
  for (const picker of document.querySelectorAll("details.picker[open]")) {
    if (picker !== except) picker.open = false;
  }
}

document.addEventListener("click", (event) => {
  closePickers(event.target.closest("details.picker"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.picker[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

function copyByHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard without HTTPS: the old way, and where that fails the text is selected so that Ctrl+C works.
    if (!copyByHand(text)) {
      const target = document.getElementById(button.dataset.copySource);
      if (target) getSelection().selectAllChildren(target);
      return;
    }
  }
  button.dataset.done = "true";
  setTimeout(() => delete button.dataset.done, 1500);
});

const COUNT_MS = 30_000;

async function count() {
  const mark = document.querySelector("[data-count-url]");
  if (!mark || document.hidden) return;
  try {
    const response = await fetch(mark.dataset.countUrl, { headers: { Accept: "application/json", "X-CCC-Instance": document.body.dataset.instance } });
    if (!response.ok) return;
    const { count: now } = await response.json();
    mark.hidden = now === 0;
    mark.textContent = now < 100 ? String(now) : "99+";
  } catch {
    // The web process restarts: the number waits for the next turn.
  }
}

document.addEventListener("ccc:counts", count);
if (document.querySelector("[data-count-url]")) setInterval(count, COUNT_MS);
