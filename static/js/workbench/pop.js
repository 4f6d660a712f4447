// Screen pop (来电弹屏): the customer's page, opened once for a call, in a tab or a window of its own.

const VARIABLE = /\$\{([a-z_]+)\}/g;
const WINDOW = "popup,width=980,height=820";

/** The address for a call; every value is URL-encoded. '' when it is no http(s) address. */
export function address(template, values) {
  const filled = template.replace(VARIABLE, (_all, name) => encodeURIComponent(values[name] ?? ""));
  try {
    const found = new URL(filled);
    return ["http:", "https:"].includes(found.protocol) ? found.href : "";
  } catch {
    return "";
  }
}

export class ScreenPop {
  #settings;
  #user;
  #link;
  #opened = "";

  /** `settings`: {when, where, url, instance}; `link` is shown when the browser blocks what is opened without a click. */
  constructor(settings, user, link) {
    this.#settings = settings;
    this.#user = user;
    this.#link = link;
    link.addEventListener("click", () => link.classList.remove("blocked"));
  }

  /** Follow the call: open at the chosen moment, once; after a reload of the page it is not opened again. */
  follow(call) {
    const { when, url } = this.#settings;
    const on = Boolean(call) && when !== "off" && Boolean(url);
    const found = on ? address(url, this.#values(call)) : "";
    this.#link.hidden = !found;
    if (!found) return;
    this.#link.href = found;
    const due = call.state === "ringing" ? when === "ring" : call.state !== "wrap-up";
    if (!due || this.#opened === call.id || sessionStorage.getItem("ccc-pop") === call.id) return;
    this.#opened = call.id;
    sessionStorage.setItem("ccc-pop", call.id);
    this.#link.classList.toggle("blocked", !this.#open(found));
  }

  #values(call) {
    const { caller, callee, id, skill_group, direction } = call;
    return { caller, callee, skill_group, direction, call_id: id, agent: this.#user, instance: this.#settings.instance };
  }

  /** False when the browser blocked it. The page opened gets no handle on the workbench. */
  #open(url) {
    const tab = window.open("about:blank", "_blank", this.#settings.where === "window" ? WINDOW : "");
    if (!tab) return false;
    tab.opener = null;
    tab.location.replace(url);
    return true;
  }
}
