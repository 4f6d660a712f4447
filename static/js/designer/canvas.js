// The thin adapter around LogicFlow: the only module that knows it. It draws views and reports gestures; what is true
// stands in the document. docs/designer.md lists its functions.

import { quicken } from "./canvas_speed.js";
import { swallowClick } from "./clicks.js";
import { EDGE, NODE, entryAnchor, exitAnchor, marks, views } from "./shapes.js";

const { LogicFlow } = window.Core;
const GRID = 10;
const ZOOM = [0.1, 2];

/** `on`: `{selected(ids), wanted() -> ids, moved([{id, x, y}]), connected(source, exit, target), dropped(source, exit, point, client),
 * moving(), looked()}`. */
export function createCanvas(container, on) {
  const lf = new LogicFlow({
    container,
    grid: { size: 20, visible: true, type: "dot", config: { color: "#d5dce5", thickness: 1 } },
    background: false,
    keyboard: { enabled: false },
    history: false,
    partial: true,
    snapline: false,
    outline: false,
    snapGrid: true,
    textEdit: false,
    hoverOutline: false,
    nodeSelectedOutline: false,
    edgeSelectedOutline: false,
    adjustEdge: false,
    adjustEdgeStartAndEnd: true,
    adjustEdgeStart: false,
    adjustEdgeEnd: true,
    edgeType: EDGE.type,
    multipleSelectKey: /Mac/.test(navigator.platform) ? "meta" : "ctrl", // Ctrl and click is the right button there
    customTargetAnchor: (model) => targetAnchor(model),
  });
  lf.keyboard.destroy(); // the page has its own keys
  lf.graphModel.gridSize = GRID;
  lf.register(NODE);
  lf.register(EDGE);
  lf.setZoomMiniSize(ZOOM[0]);
  lf.setZoomMaxSize(ZOOM[1]);
  quicken(lf);
  const adapter = new Canvas(lf, container);
  listen(lf, adapter, on);
  return adapter;
}

function targetAnchor(model) {
  const at = model.anchors.findIndex((anchor) => anchor.id === entryAnchor(model.id));
  return at < 0 ? undefined : { index: at, anchor: model.anchors[at] };
}

function listen(lf, adapter, on) {
  const selected = () => queueMicrotask(() => on.selected(adapter.selection()));
  lf.on("node:click", selected);
  lf.on("edge:click", selected);
  lf.on("blank:click", () => { lf.clearSelectElements(); selected(); });
  lf.on("node:drag", () => on.moving());
  lf.on("node:drop", ({ data }) => {
    const ids = lf.graphModel.selectNodes.map((model) => model.id);
    const group = ids.includes(data.id);
    swallowClick(); // LogicFlow takes a quick drag for a click
    on.moved((group ? ids : [data.id]).map((id) => adapter.corner(id)));
    if (group) return;
    adapter.select({ nodes: [data.id], edges: [] });
    selected();
  });
  lf.on("anchor:mousedown", ({ nodeModel }) => {
    nodeModel.drawing = true;
    document.addEventListener("pointerup", () => setTimeout(() => {
      nodeModel.drawing = false;
      nodeModel.setIsShowAnchor(nodeModel.isHovered);
      adapter.select(on.wanted()); // LogicFlow selects the node a line begins at; nobody asked for that
    }), { once: true });
  });
  lf.on("anchor:drop", ({ data, nodeModel, edgeModel }) => {
    const target = edgeModel.targetNodeId;
    lf.graphModel.deleteEdgeById(edgeModel.id);
    queueMicrotask(() => on.connected(nodeModel.id, data.exit, target));
  });
  lf.on("anchor:dragend", ({ data, e, nodeModel, edgeModel }) => {
    if (edgeModel || data.exit === undefined || !e) return;
    const point = adapter.pointAt(e.clientX, e.clientY);
    if (Math.hypot(point.x - data.x, point.y - data.y) > 40 && !adapter.nodeAt(point)) {
      queueMicrotask(() => on.dropped(nodeModel.id, data.exit, point, { x: e.clientX, y: e.clientY }));
    }
  });
  lf.on("edge:exchange-node", ({ data: { oldEdge, newEdge } }) => {
    const { from, exit } = adapter.edges.get(oldEdge.id);
    queueMicrotask(() => {
      lf.graphModel.deleteEdgeById(newEdge.id);
      adapter.drawn.delete(oldEdge.id);
      adapter.putEdge(oldEdge.id, adapter.edges.get(oldEdge.id));
      on.connected(from, exit, newEdge.targetNodeId);
    });
  });
  lf.on("graph:transform", () => on.looked());
}

class Canvas {
  constructor(lf, container) {
    this.lf = lf;
    this.container = container;
    this.edges = new Map(); // key -> document edge
    this.drawn = new Set(); // keys LogicFlow has
    this.tick = 0;
  }

  /** Everything anew: `nodes` are views, `edges` `[key, edge]` pairs. */
  load(nodes, edges) {
    views.clear();
    nodes.forEach((view) => views.set(view.id, view));
    this.edges = new Map(edges);
    this.drawn = new Set();
    const shown = edges.filter(([, edge]) => this.canDraw(edge));
    shown.forEach(([key]) => this.drawn.add(key));
    this.lf.renderRawData({ nodes: nodes.map(nodeData), edges: shown.map(([key, edge]) => this.edgeData(key, edge)) });
  }

  /** Draw the node as the view says: new, moved, or with other exits. */
  putNode(view) {
    views.set(view.id, view);
    const model = this.lf.getNodeModelById(view.id);
    if (!model) {
      this.lf.graphModel.addNode(nodeData(view));
      return;
    }
    this.tick += 1;
    model.width = view.width;
    model.height = view.height;
    model.moveTo(view.x + view.width / 2, view.y + view.height / 2, true);
    model.setProperties({ tick: this.tick });
    this.anchorsMoved(model);
  }

  dropNode(id) {
    if (!views.delete(id)) return; // a line led to it, that is all there was
    marks.delete(id);
    this.lf.graphModel.deleteNode(id);
    for (const [key, edge] of this.edges) if (edge.from === id || edge.to === id) this.drawn.delete(key);
  }

  /** A line of the document; one that leads to or from nothing is kept, not drawn. */
  putEdge(key, edge) {
    this.edges.set(key, edge);
    if (this.drawn.has(key) || !this.canDraw(edge)) return;
    this.lf.graphModel.addEdge(this.edgeData(key, edge));
    this.drawn.add(key);
  }

  dropEdge(key) {
    this.edges.delete(key);
    if (this.drawn.delete(key)) this.lf.graphModel.deleteEdgeById(key);
  }

  /** `{nodes: [id], edges: [key]}` */
  selection() {
    const { selectNodes, selectElements } = this.lf.graphModel;
    const nodes = selectNodes.map((model) => model.id);
    return { nodes, edges: [...selectElements.keys()].filter((id) => !nodes.includes(id) && this.edges.has(id)) };
  }

  select({ nodes = [], edges = [] }) {
    this.lf.clearSelectElements();
    for (const id of [...nodes, ...edges]) if (this.lf.getModelById(id)) this.lf.graphModel.selectElementById(id, true);
  }

  /** Into the middle of what is seen, without another zoom unless it is too small to read. */
  focus(id) {
    const view = views.get(id);
    if (!view) return;
    if (this.zoomLevel() < 0.5) this.lf.zoom(0.8);
    this.centre({ x: view.x + view.width / 2, y: view.y + view.height / 2 });
  }

  /** Pan no more than it takes to see the node whole, beside the small map and above the list of problems. */
  reveal(id) {
    const view = views.get(id);
    if (!view) return;
    const scale = this.zoomLevel();
    const seen = this.seen();
    const box = { left: (view.x - seen.x) * scale, top: (view.y - seen.y) * scale, width: view.width * scale, height: view.height * scale };
    const { width, height } = this.container.getBoundingClientRect();
    const right = box.left + box.width;
    const underMap = right > width - 215 && box.top + box.height > height - 240;
    const low = height - (underMap ? 250 : 60) - (box.top + box.height);
    const x = box.left < 20 ? 20 - box.left : Math.min(0, width - 30 - right);
    const y = box.top < 20 ? 20 - box.top : Math.min(0, low);
    if (x || y) this.lf.translate(x, y);
  }

  centre(point) {
    this.lf.focusOn({ coordinate: point });
  }

  /** `+1`, `-1`, a scale, or `"fit"`. */
  zoom(how) {
    if (how === "fit") this.fit();
    else if (how === 1 || how === -1) this.lf.zoom(how > 0);
    else this.lf.zoom(how.scale);
  }

  fit() {
    const box = this.bounds();
    if (!box) return;
    const { width, height } = this.container.getBoundingClientRect();
    const scale = Math.max(ZOOM[0], Math.min(1, (width - 60) / box.width, (height - 110) / box.height));
    this.lf.zoom(scale);
    this.centre({ x: box.x + box.width / 2, y: box.y + box.height / 2 + 20 / scale });
  }

  /** All of it; a flow too large to be read like that from its beginning (`id`). */
  open(id) {
    const box = this.bounds();
    const { width, height } = this.container.getBoundingClientRect();
    const view = views.get(id);
    if (!box || !view || (width - 60) / box.width > 0.4 && (height - 110) / box.height > 0.4) {
      this.fit();
      return;
    }
    this.lf.zoom(0.8);
    this.centre({ x: view.x + width / 2 / 0.8 - 40, y: view.y + 60 });
  }

  zoomLevel() { return this.lf.getTransform().SCALE_X; }

  /** What is seen, in canvas coordinates. */
  seen() {
    const { SCALE_X, TRANSLATE_X, TRANSLATE_Y } = this.lf.getTransform();
    const { width, height } = this.container.getBoundingClientRect();
    return { x: -TRANSLATE_X / SCALE_X, y: -TRANSLATE_Y / SCALE_X, width: width / SCALE_X, height: height / SCALE_X };
  }

  bounds() {
    const all = [...views.values()];
    if (!all.length) return null;
    const x = Math.min(...all.map((view) => view.x));
    const y = Math.min(...all.map((view) => view.y));
    const right = Math.max(...all.map((view) => view.x + view.width));
    const bottom = Math.max(...all.map((view) => view.y + view.height));
    return { x, y, width: right - x, height: bottom - y };
  }

  /** A point of the window on the canvas. */
  pointAt(clientX, clientY) {
    return this.lf.graphModel.getPointByClient({ x: clientX, y: clientY }).canvasOverlayPosition;
  }

  nodeAt(point) {
    return [...views.values()].find((view) => !view.note && point.x >= view.x && point.x <= view.x + view.width && point.y >= view.y && point.y <= view.y + view.height);
  }

  view(id) { return views.get(id); }

  views() { return [...views.values()]; }

  /** Upper left corner of the node as LogicFlow shows it now. */
  corner(id) {
    const model = this.lf.getNodeModelById(id);
    return { id, x: model.x - model.width / 2, y: model.y - model.height / 2 };
  }

  /** Marks by node id or line key: `{level: "error"|"warning", css, count}`; replaces all marks before. */
  mark(all) {
    const touched = new Set([...marks.keys(), ...all.keys()]);
    for (const id of touched) {
      const before = JSON.stringify(marks.get(id) ?? null);
      const after = all.get(id);
      if (before === JSON.stringify(after ?? null)) continue;
      if (after) marks.set(id, after);
      else marks.delete(id);
      this.tick += 1;
      this.lf.getModelById(id)?.setProperties({ tick: this.tick });
    }
  }

  readOnly(yes) {
    this.lf.updateEditConfig({ adjustNodePosition: !yes, hideAnchors: yes, adjustEdgeStartAndEnd: !yes, snapGrid: true });
    this.container.classList.toggle("is-read-only", yes);
  }

  resize() {
    this.lf.resize();
  }

  canDraw(edge) {
    return views.has(edge.from) && views.has(edge.to) && views.get(edge.to).entry;
  }

  edgeData(key, edge) {
    const from = views.get(edge.from);
    const to = views.get(edge.to);
    const port = from.ports.find((one) => one.name === edge.exit) ?? { x: from.width, y: 24 };
    return {
      id: key,
      type: EDGE.type,
      sourceNodeId: edge.from,
      targetNodeId: edge.to,
      sourceAnchorId: exitAnchor(edge.from, edge.exit),
      targetAnchorId: entryAnchor(edge.to),
      startPoint: { x: from.x + port.x, y: from.y + port.y },
      endPoint: { x: to.x, y: to.y + 24 },
      properties: {},
    };
  }

  anchorsMoved(model) {
    const anchors = new Map(model.anchors.map((anchor) => [anchor.id, anchor]));
    for (const edge of this.lf.graphModel.getNodeEdges(model.id)) {
      const start = anchors.get(edge.sourceAnchorId);
      const end = anchors.get(edge.targetAnchorId);
      if (start) edge.updateStartPoint({ x: start.x, y: start.y });
      if (end) edge.updateEndPoint({ x: end.x, y: end.y });
    }
  }
}

function nodeData(view) {
  return { id: view.id, type: NODE.type, x: view.x + view.width / 2, y: view.y + view.height / 2, properties: { tick: 0 } };
}
