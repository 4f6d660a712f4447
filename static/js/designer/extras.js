// What the side shows when no single node is selected: the flow's own settings, a line, several things.

import { byId, make, start, t } from "../common.js";

export const extras = {
  flow(holder, studio) {
    holder.append(byId("flow-form").content.cloneNode(true));
    const form = holder.querySelector("form");
    form.querySelector("[data-nodes]").textContent = t("nodes", { n: studio.document.nodes.length });
    for (const input of form.querySelectorAll("[data-flow-field]")) {
      const name = input.dataset.flowField;
      input.value = studio.document.raw[name] ?? "";
      input.disabled = studio.readOnly;
      input.addEventListener("input", () => {
        studio.run(t("cmd.flow"), (edit) => edit.setField(name, input.value), { merge: `flow ${name}` });
        if (name === "title") byId("flow-title").textContent = input.value || start.flow;
      });
    }
  },

  edge(holder, studio) {
    const [edge] = studio.selectedEdges();
    if (!edge) return;
    const from = studio.canvas.view(edge.from);
    const to = studio.canvas.view(edge.to);
    const port = from?.ports.find((one) => one.name === edge.exit);
    const box = make("div", "side-box", make("h2", "", t("line.title")), make("p", "side-way", `${from?.title ?? edge.from} · ${port?.label || edge.exit} → ${to?.title ?? edge.to}`));
    if (!studio.readOnly) box.append(deleteButton());
    holder.append(box);
  },

  many(holder, studio) {
    const { nodes, edges, notes } = studio.selection;
    const box = make("div", "side-box", make("h2", "", t("selected", { n: nodes.length + edges.length + notes.length })));
    if (!studio.readOnly) box.append(deleteButton());
    holder.append(box);
  },

  note(holder, studio) {
    const note = studio.document.notes.find((one) => one?.id === studio.selection.notes[0]);
    if (!note) return;
    const text = make("textarea", "form-control");
    text.rows = 8;
    text.maxLength = 4000;
    text.value = note.text ?? "";
    text.disabled = studio.readOnly;
    text.setAttribute("aria-label", t("note.new"));
    text.placeholder = t("note.empty");
    text.addEventListener("input", () => studio.run(t("cmd.note"), (edit) => edit.changeNote(note.id, { text: text.value }), { merge: `note ${note.id}` }));
    const box = make("div", "side-box", make("h2", "", t("note.new")), text);
    if (!studio.readOnly) box.append(deleteButton());
    holder.append(box);
    if (!note.text) text.focus();
  },
};

/** Undo, and what came from elsewhere: the heading and the form of the flow say what the document says. */
export function keepFlowFields(studio) {
  const show = () => {
    byId("flow-title").textContent = studio.document.raw.title || start.flow;
    for (const input of document.querySelectorAll("#panel [data-flow-field]")) {
      const value = studio.document.raw[input.dataset.flowField] ?? "";
      if (input.value !== value) input.value = value;
    }
  };
  studio.addEventListener("change", ({ detail }) => { if (detail.some((step) => step.field !== undefined)) show(); });
  studio.addEventListener("load", show);
}

function deleteButton() {
  const button = make("button", "btn btn-bad-line", t("cmd.delete"));
  button.type = "button";
  button.dataset.act = "delete";
  return button;
}
