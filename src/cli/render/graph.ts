import type { Graph, GraphNode } from "../../domain/stack/graph.ts";
import { forMermaid } from "../../kernel/foreign-text.ts";

/** A graph as a Mermaid flowchart, each stack in a frame of its own. */
export function mermaidOf({ nodes, edges }: Graph): string {
  const frames = new Map<string, GraphNode[]>();
  for (const node of nodes) frames.set(node.stack ?? "", [...(frames.get(node.stack ?? "") ?? []), node]);
  return [
    "flowchart LR",
    ...[...frames].flatMap(([stack, inside]) => (stack === "" ? inside.map(line) : frame(stack, inside))),
    ...edges.map((edge) => `  ${mermaidId(edge.from)} -->|${edge.as.map(forMermaid).join(", ")}| ${mermaidId(edge.to)}`),
  ].join("\n");
}

function frame(stack: string, nodes: readonly GraphNode[]): readonly string[] {
  return [`  subgraph ${mermaidId(`${stack}/`)}["${forMermaid(stack)}"]`, ...nodes.map((node) => `  ${line(node)}`), "  end"];
}

function line({ id, name, kind }: GraphNode): string {
  const words = kind === name ? forMermaid(name) : `${forMermaid(name)}<br/>${forMermaid(kind)}`;
  return `  ${mermaidId(id)}["${words}"]`;
}

/** Different addresses give different ids, and none is a word of the language, such as `end`. */
export function mermaidId(address: string): string {
  return `n_${address.replaceAll(/[^a-z0-9]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`)}`;
}
