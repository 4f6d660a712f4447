// `npm run vendor`: copy the locked browser files from node_modules/ to static/vendor/.
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const files = {
  "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
  "bootstrap/LICENSE": "bootstrap/LICENSE",
  "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
  "htmx.org/LICENSE": "htmx/LICENSE",
  "echarts/dist/echarts.simple.min.js": "echarts/echarts.simple.min.js",
  "echarts/LICENSE": "echarts/LICENSE",
  "echarts/NOTICE": "echarts/NOTICE",
  "@logicflow/core/dist/index.min.js": "logicflow/logicflow.min.js",
  "@logicflow/core/LICENSE": "logicflow/LICENSE",
  "bootstrap-icons/bootstrap-icons.svg": "bootstrap-icons/bootstrap-icons.svg",
  "bootstrap-icons/LICENSE": "bootstrap-icons/LICENSE",
};

for (const [source, name] of Object.entries(files)) {
  const from = join(root, "node_modules", source);
  const to = join(root, "static", "vendor", name);
  if (!existsSync(from)) {
    console.error(`${from} is missing; run 'npm ci' first`);
    process.exit(2);
  }
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
