// A published version into the draft (`#restore=3`, from the page of versions): one command, so that it can be taken back.

import { t } from "../common.js";
import { toast } from "../admin/toasts.js";
import { replace } from "./replacing.js";

export async function restoreAsked(studio) {
  const number = /^#restore=(\d{1,8})$/.exec(location.hash)?.[1];
  if (!number) return;
  history.replaceState(null, "", location.pathname + location.search);
  if (studio.readOnly) {
    toast(t("restore.read_only"), { bad: true });
    return;
  }
  try {
    const response = await fetch(`${location.pathname}/versions/${number}`, { headers: { Accept: "application/json" } });
    const body = await response.json();
    if (!response.ok) throw new Error(body.message);
    const done = studio.run(t("cmd.restore", { version: number }), (edit) => replace(edit, studio.document, body.document));
    if (done) studio.canvas.fit();
    toast(t(done ? "restored.version" : "restored.same", { version: number }), {});
  } catch (error) {
    toast(error.message, { bad: true });
  }
}
