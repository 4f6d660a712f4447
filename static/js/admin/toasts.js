// Short messages at the corner: they go by themselves, but not while the mouse or the focus is on them.

const holder = document.getElementById("toasts");
const said = document.getElementById("said");
export const words = { ...document.getElementById("words").dataset };
const SHORT_MS = 5000;
const LONG_MS = 12000;

/** Tell a screen reader. */
export function say(text) {
  said.textContent = "";
  said.textContent = text;
}

export function toast(text, { bad = false, action = null, problems = [] } = {}) {
  const item = document.createElement("div");
  item.className = `note-toast${bad || problems?.length ? " toast-bad" : ""}`;
  if (bad) item.setAttribute("role", "alert");
  const line = document.createElement("span");
  line.textContent = text;
  item.append(line);
  if (problems?.length) {
    const list = document.createElement("ul");
    for (const problem of problems) {
      const one = document.createElement("li");
      one.textContent = problem;
      list.append(one);
    }
    item.append(list);
  }
  if (action) item.append(button(action.title, () => { item.remove(); action.run(); }));
  const close = button("×", () => item.remove());
  close.setAttribute("aria-label", words.close);
  item.append(close);
  holder.append(item);
  raise();
  // What could not be done stays until it is closed.
  if (!problems?.length) goBy(item, action || bad ? LONG_MS : SHORT_MS);
}

function button(title, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = title;
  made.addEventListener("click", run);
  return made;
}

/** Above open dialogs, too: the newest in the top layer wins. */
function raise() {
  if (!holder.showPopover) return;
  if (holder.matches(":popover-open")) holder.hidePopover();
  holder.showPopover();
}

function goBy(item, after) {
  setTimeout(() => {
    if (item.matches(":hover, :focus-within")) goBy(item, SHORT_MS);
    else item.remove();
    if (!holder.childElementCount && holder.hidePopover && holder.matches(":popover-open")) holder.hidePopover();
  }, after);
}
