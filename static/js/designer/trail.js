// The way of a call on the canvas: nodes and lines it took stay lit, the node it is in stands out.

export class Trail {
  constructor(studio) {
    this.studio = studio;
    this.clear();
    // Lines drawn again have new keys.
    for (const name of ["change", "load"]) studio.addEventListener(name, () => { if (this.nodes.size) this.draw(); });
  }

  clear() {
    this.nodes = new Set();
    this.ways = [];
    this.here = null;
    this.failed = null;
    this.draw();
  }

  /** The call is in this node now. */
  enter(node) {
    if (!this.studio.document.node(node)) return; // a node of a sub-flow: the call is still in the node that runs it
    this.nodes.add(node);
    this.here = node;
    this.draw();
  }

  leave(node, exit) {
    if (exit) this.ways.push([node, exit]);
    this.draw();
  }

  end(failed = null) {
    this.here = null;
    this.failed = failed;
    this.draw();
  }

  /** All at once: `steps` are `{node, exit}`, `here` is where the call waits, `failed` where it broke. */
  show(steps, here, failed) {
    this.nodes = new Set(steps.map((step) => step.node));
    this.ways = steps.filter((step) => step.exit).map((step) => [step.node, step.exit]);
    this.here = here;
    this.failed = failed;
    if (here) this.nodes.add(here);
    this.draw();
  }

  draw() {
    const marks = new Map();
    for (const id of this.nodes) marks.set(id, { css: "is-path" });
    if (this.here) marks.set(this.here, { css: "is-path is-here" });
    if (this.failed) marks.set(this.failed, { css: "is-path is-failed" });
    for (const [node, exit] of this.ways) {
      const edge = this.studio.document?.edgeFrom(node, exit);
      if (edge) marks.set(this.studio.keyOf(edge), { css: "is-path" });
    }
    this.studio.mark("trial", marks);
  }
}

/** Into view, if it is not: the picture must not jump at every step. */
export function bringIntoView(studio, id) {
  const view = studio.canvas.view(id);
  if (!view) return;
  const seen = studio.canvas.seen();
  const inside = view.x >= seen.x && view.y >= seen.y && view.x + view.width <= seen.x + seen.width && view.y + view.height <= seen.y + seen.height;
  if (!inside) studio.canvas.focus(id);
}
