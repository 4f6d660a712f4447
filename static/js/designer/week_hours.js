// Hours of a day as minutes and as text, `09:00-12:00 22:00-02:00`. No DOM; run by Node.js in the tests.

const SPAN = /(\d{1,2}):(\d{2})\s*(?:-|~|–|—|至|到)\s*(\d{1,2}):(\d{2})/g;
const DAY = 1440;

/** `[[from, to], ...]` in minutes; an end past midnight is over 1440. Null when something cannot be read. */
export function readDay(text) {
  const plain = text.replace(/[０-９：－～．]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0));
  if (plain.replace(SPAN, " ").replace(/[\s,;，；、]+/g, "")) return null;
  const spans = [];
  for (const [, hour, minute, toHour, toMinute] of plain.matchAll(SPAN)) {
    const from = Number(hour) * 60 + Number(minute);
    const to = Number(toHour) * 60 + Number(toMinute);
    if (from >= DAY || to > DAY || Number(minute) > 59 || Number(toMinute) > 59 || from === to) return null;
    spans.push([from, to < from ? to + DAY : to]);
  }
  return spans;
}

export function writeDay(spans) {
  return spans.map(([from, to]) => `${clock(from)}-${clock(to > DAY ? to - DAY : to)}`).join(" ");
}

function clock(minutes) {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** In order, those that touch joined. */
export function merged(spans) {
  const sorted = [...spans].sort((one, other) => one[0] - other[0]);
  const found = [];
  for (const [from, to] of sorted) {
    const last = found.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}

function without(spans, from, to) {
  return spans.flatMap(([a, b]) => [[a, Math.min(b, from)], [Math.max(a, to), b]].filter(([one, other]) => one < other));
}

/** Open or close minutes of a day, in place; also those that hours of the evening before reach into. */
export function paint(days, day, from, to, open) {
  if (open) {
    settle(days, day, merged([...days[day], [from, to]]));
    return;
  }
  settle(days, day, without(days[day], from, to));
  const before = (day + 6) % 7;
  if (days[before]?.some(([, end]) => end > DAY)) settle(days, before, without(days[before], from + DAY, to + DAY));
}

/** Spans of a day as texts can say them: what begins after midnight, or lasts a day and longer, goes on in the next day. */
function settle(days, day, spans) {
  const next = (day + 1) % 7;
  const behind = [];
  days[day] = spans.flatMap(([from, to]) => {
    if (to <= DAY || (from < DAY && to - DAY < from)) return [[from, to]];
    behind.push([Math.max(0, from - DAY), to - DAY]);
    return from < DAY ? [[from, DAY]] : [];
  });
  if (behind.length && days[next]) settle(days, next, merged([...days[next], ...behind]));
}
