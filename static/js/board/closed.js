// Red: the numbers that are closed in an emergency (紧急关闭).

import { make, start, t } from "../common.js";

const time = (ms) => new Date(ms).toLocaleString("sv-SE", { timeZone: start.timezone }).slice(0, 16);
let shown = "";

export function drawClosed(holder, closed) {
  const now = JSON.stringify(closed);
  if (now === shown) return;
  shown = now;
  holder.replaceChildren(...closed.map((item) => {
    const line = make("p", "banner banner-bad");
    const words = make("span");
    const end = item.until === null ? t("closed.open_end") : t("closed.until", { time: time(item.until) });
    const by = t("closed.by", { name: start.names[item.by] ?? item.by, time: time(item.since) });
    words.append(make("b", "", t("closed", { number: item.number })), ` ${by} · ${item.reason} · ${end}`);
    line.append(words);
    return line;
  }));
}
