// How nodes and lines look on the canvas (SVG through LogicFlow's views). Text is drawn as text nodes: never as HTML.

const { BezierEdge, BezierEdgeModel, RectNode, RectNodeModel, h } = window.Core;
import { withoutText } from "./canvas_speed.js";
import { ENTRY_Y, ERROR } from "./views.js";

/** Views by node id, set by the adapter: LogicFlow's own properties stay small, so that mobx has little to watch. */
export const views = new Map();
export const marks = new Map();

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** The text cut to about `width` pixels at a font size. */
export function fitted(text, width, size) {
  let used = 0;
  for (let at = 0; at < text.length; at += 1) {
    used += WIDE.test(text[at]) ? size : /[A-Z@%mwMW]/.test(text[at]) ? size * 0.72 : size * 0.54;
    if (used > width) return `${text.slice(0, Math.max(1, at - 1)).trimEnd()}…`;
  }
  return text;
}

class FlowNodeModel extends RectNodeModel {
  setAttributes() {
    super.setAttributes();
    const view = views.get(this.id);
    if (view) {
      this.width = view.width;
      this.height = view.height;
    }
    this.autoToFront = false;
    this.text.editable = false;
  }

  getDefaultAnchor() {
    const view = views.get(this.id);
    const left = this.x - this.width / 2;
    const top = this.y - this.height / 2;
    const anchors = (view?.ports ?? []).map((port) => ({ id: exitAnchor(this.id, port.name), x: left + port.x, y: top + port.y, exit: port.name }));
    if (view?.entry !== false) anchors.push({ id: entryAnchor(this.id), x: left, y: top + ENTRY_Y, edgeAddable: false });
    return anchors;
  }

  /** While a line is being drawn its exit stays, though the mouse has left the node. */
  setIsShowAnchor(flag = true) {
    super.setIsShowAnchor(flag || Boolean(this.drawing));
  }

  getConnectedTargetRules() {
    return [...super.getConnectedTargetRules(), { message: "", validate: (source, target) => views.get(target.id)?.entry !== false }];
  }

  getAnchorLineStyle(anchor) {
    return { ...super.getAnchorLineStyle(anchor), stroke: "#1769e0", strokeWidth: 2, strokeDasharray: "5 4" };
  }
}

export function entryAnchor(id) { return `${id}#in`; }
export function exitAnchor(id, exit) { return `${id}>${exit}`; }

class FlowNode extends RectNode {
  constructor(props) {
    super(props);
    const begin = this.handleMouseDown;
    // who aims at an exit wants to draw a line: the node must not move away
    this.handleMouseDown = (event) => { if (!event.target.classList?.contains("node-port")) begin(event); };
  }

  getAnchorShape(anchor) {
    const exit = anchor.exit !== undefined;
    return h("circle", { cx: anchor.x, cy: anchor.y, r: exit ? 11 : 7, class: exit ? "port-grip" : "port-entry" });
  }

  getText() { return null; }

  getShape() {
    const { model } = this.props;
    const view = views.get(model.id);
    if (!view) return null;
    void model.properties.tick; // watched: a new view draws the node again
    const mark = marks.get(model.id);
    const left = model.x - model.width / 2;
    const top = model.y - model.height / 2;
    if (view.note) return noteShape(view, left, top, model.isSelected);
    const css = ["flow-node", view.css, model.isSelected ? "is-selected" : "", mark?.css ?? "", model.state === 4 ? "is-allowed" : ""].filter(Boolean).join(" ");
    return h("g", { class: css, transform: `translate(${left} ${top})`, "data-node": view.id }, [
      h("rect", { class: "node-card", width: view.width, height: view.height, rx: 9 }),
      ...head(view),
      ...view.lines.map((line, n) => h("text", { class: "node-line", x: 14, y: 60 + n * 20 }, fitted(line, view.width - 28, 12))),
      ...view.ports.flatMap((port) => portShape(port, view)),
      view.entry ? h("circle", { class: "node-entry", cx: 0, cy: ENTRY_Y, r: 5 }) : null,
      ...badge(view, mark),
    ]);
  }
}

function noteShape(view, left, top, selected) {
  return h("g", { class: `flow-note ${view.css} ${selected ? "is-selected" : ""}`, transform: `translate(${left} ${top})`, "data-note": view.id.slice(5) }, [
    h("rect", { class: "note-card", width: view.width, height: view.height, rx: 4 }),
    ...view.lines.map((line, n) => h("text", { class: "note-line", x: 12, y: 24 + n * 18 }, line)),
  ]);
}

function head(view) {
  return [
    h("rect", { class: "node-badge", x: 10, y: 8, width: 32, height: 32, rx: 8 }),
    h("use", { href: `#glyph-${view.icon}`, class: "node-icon", x: 17, y: 15, width: 18, height: 18 }),
    h("text", { class: "node-title", x: 52, y: 22 }, fitted(view.title, view.width - 80, 13)),
    h("text", { class: "node-kind", x: 52, y: 38 }, fitted(view.kind, view.width - 76, 11)),
  ];
}

function portShape(port, view) {
  const css = `node-port${port.used ? " is-used" : ""}${port.required && !port.used ? " is-open" : ""}${port.known ? "" : " is-lost"}${port.name === ERROR ? " is-error" : ""}`;
  const dot = h("circle", { class: css, cx: port.x, cy: port.y, r: port.place === "foot" ? 4 : 5, "data-exit": port.name }, [h("title", {}, port.label)]);
  if (port.place !== "row") return [dot];
  return [
    h("line", { class: "node-rule", x1: 0, x2: view.width, y1: port.y - 12, y2: port.y - 12 }),
    h("text", { class: "node-exit", x: view.width - 14, y: port.y + 4 }, fitted(port.label, view.width - 30, 12)),
    dot,
  ];
}

function badge(view, mark) {
  const found = [];
  if (view.remark) found.push(h("circle", { class: "node-remark", cx: view.width - 12, cy: 38, r: 3 }));
  if (mark?.level) {
    found.push(h("circle", { class: `node-mark is-${mark.level}`, cx: view.width - 14, cy: 16, r: 8 }));
    found.push(h("text", { class: "node-mark-text", x: view.width - 14, y: 20 }, "!"));
  }
  if (mark?.count !== undefined) {
    // large enough to be read when the whole flow is on the screen
    const text = String(mark.count);
    const width = 22 + text.length * 12;
    found.push(h("rect", { class: "node-count", x: -14, y: -18, width, height: 32, rx: 16 }));
    found.push(h("text", { class: "node-count-text", x: -14 + width / 2, y: 5 }, text));
  }
  return found;
}

/** From the side the port is on, bulging enough to be seen when it leads back. */
class FlowEdgeModel extends withoutText(BezierEdgeModel) {
  setAttributes() {
    super.setAttributes();
    this.text.editable = false;
  }

  getControls() {
    const { startPoint: start, endPoint: end } = this;
    const down = this.sourceAnchorId?.endsWith(`>${ERROR}`);
    const across = Math.abs(end.x - start.x);
    const reach = end.x >= start.x + 20 ? Math.max(36, across * 0.45) : Math.max(110, Math.min(260, across * 0.4));
    if (down) return { sNext: { x: start.x, y: start.y + Math.max(50, Math.min(140, reach)) }, ePre: { x: end.x - Math.max(50, reach * 0.7), y: end.y } };
    const lift = end.x < start.x + 20 && Math.abs(end.y - start.y) < 60 ? 130 : 0;
    return { sNext: { x: start.x + reach, y: start.y + lift }, ePre: { x: end.x - reach, y: end.y + lift } };
  }

  moveStartPoint(deltaX, deltaY) {
    this.startPoint = { x: this.startPoint.x + deltaX, y: this.startPoint.y + deltaY };
    this.updatePoints();
  }

  moveEndPoint(deltaX, deltaY) {
    this.endPoint = { x: this.endPoint.x + deltaX, y: this.endPoint.y + deltaY };
    this.updatePoints();
  }

  updateAfterAdjustStartAndEnd({ startPoint, endPoint }) {
    this.startPoint = startPoint;
    this.endPoint = endPoint;
    this.updatePoints();
  }
}

class FlowEdge extends BezierEdge {
  getText() { return null; }

  getArrow() { return null; } // LogicFlow's arrows are markers with ids; ours is part of the line

  getEdge() {
    const { model } = this.props;
    const mark = marks.get(model.id);
    void model.properties.tick;
    const { x, y } = model.endPoint;
    const css = ["flow-line", model.isSelected ? "is-selected" : "", model.isHovered ? "is-hovered" : "", model.sourceAnchorId?.endsWith(`>${ERROR}`) ? "is-error" : "", mark?.css ?? ""].filter(Boolean).join(" ");
    return h("g", { class: css }, [
      h("path", { class: "line-path", d: model.path }),
      h("path", { class: "line-arrow", d: `M${x - 4} ${y} l-8 -5 v10 z` }),
    ]);
  }

  getAppendWidth() {
    return h("path", { class: "line-grip", d: this.props.model.path });
  }
}

export const NODE = { type: "flow-node", view: FlowNode, model: FlowNodeModel };
export const EDGE = { type: "flow-edge", view: FlowEdge, model: FlowEdgeModel };
