// Inside panels: what was changed, levels, the other person's value after a conflict, Ctrl+Enter.

export function setUpForms() {
  document.addEventListener("input", (event) => touched(event.target));
  document.addEventListener("change", (event) => touched(event.target));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theirs]");
    if (button) take(button);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("dialog form");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  document.addEventListener("htmx:load", (event) => {
    for (const box of event.target.querySelectorAll?.("[data-levels]") ?? []) count(box);
  });
}

function touched(element) {
  const form = element.closest("dialog form");
  if (!form) return;
  if (element.matches("[data-levels-search]")) {
    search(element);
    return;
  }
  form.dataset.dirty = "";
  const box = element.closest("[data-levels]");
  if (box && element.type === "checkbox") {
    level(element);
    count(box);
  }
}

function level(checkbox) {
  const select = checkbox.closest("li").querySelector("select");
  if (select) select.disabled = !checkbox.checked;
}

function search(input) {
  const wanted = input.value.trim().toLowerCase();
  for (const row of input.closest("[data-levels]").querySelectorAll("li")) {
    row.hidden = Boolean(wanted) && !row.dataset.text.includes(wanted);
  }
}

function count(box) {
  const all = box.querySelectorAll("li input[type=checkbox]");
  const checked = [...all].filter((one) => one.checked).length;
  box.querySelector("[data-count]").textContent = all.length ? `${checked} / ${all.length}` : "";
}

/** Put the other person's values into the field. */
function take(button) {
  const field = button.closest("[data-field]");
  const values = JSON.parse(button.dataset.theirs);
  const box = field.querySelector("[data-levels]");
  const places = field.querySelectorAll(".place-role");
  if (places.length) {
    const roles = new Map(values.map((value) => value.split("=")));
    for (const select of places) select.value = roles.get(select.name.slice(field.dataset.field.length + 1)) ?? "";
  } else if (box) {
    const levels = new Map(values.map((value) => [value.slice(0, value.lastIndexOf("=")), value.slice(value.lastIndexOf("=") + 1)]));
    for (const checkbox of box.querySelectorAll("li input[type=checkbox]")) {
      checkbox.checked = levels.has(checkbox.value);
      level(checkbox);
      const select = checkbox.closest("li").querySelector("select");
      if (select && levels.has(checkbox.value)) select.value = levels.get(checkbox.value);
    }
    count(box);
  } else {
    for (const input of field.querySelectorAll("input, select, textarea")) {
      if (input.type === "checkbox" || input.type === "radio") input.checked = values.includes(input.value);
      else if (input.multiple) for (const option of input.options) option.selected = values.includes(option.value);
      else input.value = values[0] ?? "";
    }
  }
  field.classList.remove("has-conflict");
  button.closest(".theirs").remove();
  field.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}
