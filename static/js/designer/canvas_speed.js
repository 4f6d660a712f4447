// LogicFlow asks some things of its whole graph at every step; with 2,000 nodes that stops the page. Here they are
// answered from what is known already.

const { Component, observer } = window.Core;
const ORIGIN = { x: 0, y: 0 };

/** Make the instance quick, before anything is drawn. */
export function quicken(lf) {
  // made for listeners of "graph:updated" after every frame: we have none, the document is ours
  lf.graphModel.modelToGraphData = () => ({ nodes: [], edges: [] });
  lf.tool.registerTool("maps-kept", keeper(lf.graphModel));
  lf.renderRawData({ nodes: [], edges: [] });
}

/** mobx forgets a computed map that nobody watches and makes it anew for every question: this watches. */
function keeper(graph) {
  return observer(class extends Component {
    render() {
      void graph.nodesMap;
      void graph.edgesMap;
      return null;
    }
  });
}

/** Lines have no text of their own: where it would stand is nobody's business. */
export function withoutText(EdgeModel) {
  return class extends EdgeModel {
    getTextPosition() { return ORIGIN; }
  };
}
