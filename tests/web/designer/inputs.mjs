// Hours as text and cells of tables, without a browser: a line of JSON in, one out.

import { createInterface } from "node:readline";
import { sheetOf, tableOf } from "../../../static/js/designer/values.js";
import { paint, readDay, writeDay } from "../../../static/js/designer/week_hours.js";

const ASKED = {
  day: ({ text }) => { const spans = readDay(text); return spans && writeDay(spans); },
  table: ({ table }) => tableOf(sheetOf(table)),
  paint: ({ days, day, from, to, open }) => {
    const spans = days.map(readDay);
    paint(spans, day, from, to, open);
    return spans.map(writeDay);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  console.log(JSON.stringify(ASKED[asked.do](asked)));
}
