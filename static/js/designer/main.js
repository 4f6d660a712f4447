// The designer: puts the parts together.

import { byId, start, t } from "../common.js";
import { toast } from "../admin/toasts.js";
import { setUpActions } from "./actions.js";
import { setUpBand } from "./band.js";
import { Cases } from "./cases.js";
import { setUpCompletion } from "./complete.js";
import { setUpData } from "./data.js";
import { Draft } from "./draft.js";
import { repairIds } from "./document.js";
import { connect, moveNodes } from "./edits.js";
import { extras, keepFlowFields } from "./extras.js";
import { setUpFind } from "./find.js";
import { setUpKeys } from "./keys.js";
import { setUpMinimap } from "./minimap.js";
import { setUpPalette } from "./palette.js";
import { Panel } from "./panel.js";
import { Problems } from "./problems.js";
import { setUpPublish } from "./publish.js";
import { setUpQuick } from "./quick.js";
import { restoreAsked } from "./restore.js";
import { setUpRunning } from "./running.js";
import { setUpSimulator } from "./simulate.js";
import { setUpRows } from "./rows.js";
import { setUpSounds } from "./sounds.js";
import { Studio } from "./studio.js";
import { Trail } from "./trail.js";
import { setUpTrial } from "./trial.js";
import { setUpVoice } from "./voice.js";
import { setUpWays } from "./ways.js";
import { setUpWeek } from "./week.js";

const studio = new Studio(byId("canvas"), {
  moved: (places) => moveNodes(studio, places),
  connected: (source, exit, target) => connect(studio, source, exit, target),
  dropped: (source, exit, point, client) => quick.open({ source, exit, point, client }),
});
const quick = setUpQuick(studio);
const panel = new Panel(studio, extras);
const problems = new Problems(studio, panel);
const draft = new Draft(studio, (list) => problems.show(list));
const publish = setUpPublish(studio, panel, draft, setUpRunning());
const find = setUpFind(studio);
const trail = new Trail(studio);
const cases = new Cases(studio, panel, trail);
const simulator = setUpSimulator(studio, panel, trail, (found) => cases.add(found));
const trial = setUpTrial(studio, { simulate: simulator, voice: setUpVoice(studio, panel, draft, trail), cases });
const act = setUpActions({ studio, panel, draft, problems, publish, find, quick, trial });
keepFlowFields(studio);
setUpPalette(studio);
setUpBand(studio);
setUpMinimap(studio);
setUpCompletion(studio, panel);
setUpData(studio);
setUpRows(studio);
setUpSounds(studio);
setUpWays(studio, panel);
setUpWeek(studio);
setUpKeys(studio, act);

const renamed = repairIds(start.document);
studio.load(start.document, start.faces);
studio.setReadOnly(true);
studio.canvas.open(start.document.nodes.find((node) => start.types[node.type]?.start)?.id);
problems.show(start.problems);
for (const [id, fresh] of renamed) toast(t("repaired", { id, new: fresh }), { bad: true });
await draft.begin();
await restoreAsked(studio);
if (start.arranged && !studio.readOnly && byId("notice").hidden) draft.offerArrangement();
document.body.dataset.ready = "";

window.ccc = { studio, draft, problems, panel, act }; // for the browser tests and for whoever looks with the console
