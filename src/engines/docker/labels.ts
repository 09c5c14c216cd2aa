import { type AnyNode, type NodeId, nameOf, type StackId, specHash, stackOf } from "../../domain/stack/node.ts";
import { canonicalJson, type Json } from "../../kernel/canonical.ts";
import type { Ownership } from "./scope.ts";

type Declared = Pick<AnyNode, "id" | "kind" | "spec" | "uses">;

/** What every object of ours says of itself. The whole declaration is on it, so that even a lost store can be rebuilt by looking. */
export function labelsOf(owner: Ownership, node: Declared): Record<string, string> {
  return {
    "ballast.fleet": owner.fleet,
    "ballast.instance": owner.instance,
    "ballast.stack": stackOf(node.id),
    "ballast.node": node.id,
    "ballast.kind": node.kind,
    "ballast.spec": specHash(node),
    "ballast.declared": canonicalJson({ spec: node.spec as unknown as Json, uses: node.uses as unknown as Json }),
  };
}

/** Reads a declaration back from labels; undefined when they are not ours or were cut. */
export function declaredOf(labels: Readonly<Record<string, string>>): { declared: Declared; hash: string } | undefined {
  const id = labels["ballast.node"];
  const kind = labels["ballast.kind"];
  const text = labels["ballast.declared"];
  const hash = labels["ballast.spec"];
  if (id === undefined || kind === undefined || text === undefined || hash === undefined) return undefined;
  try {
    const { spec, uses } = JSON.parse(text) as Pick<Declared, "spec" | "uses">;
    return { declared: { id, kind, spec, uses } as Declared, hash };
  } catch {
    return undefined;
  }
}

/** The filter that selects our objects, of one stack or of all. */
export function ownFilter(owner: Ownership, stack?: StackId): { label: string[] } {
  const label = [`ballast.instance=${owner.instance}`];
  return { label: stack === undefined ? label : [...label, `ballast.stack=${stack}`] };
}

/** A name for an object on the host: readable, unique by instance, at most 63 characters where names become DNS labels. */
export function objectName(owner: Ownership, id: NodeId): string {
  return `${owner.fleet}-${owner.instance}-${id.replaceAll("/", "-").replaceAll("~", "-")}`;
}

/** The names by which a node is found in its own network. */
export function ownAliases(id: NodeId, network: string): readonly string[] {
  return [nameOf(id), networkAlias(id), homeName(id, network)];
}

/** The longest name between two dots that DNS knows. */
const LABEL_LENGTH = 63;

/**
 * The name of a node for those who share more than its own network with it. Docker answers any other name from whichever network both stand in; a
 * name that ends in a network's is answered from that one alone. Where that would be too long for DNS, it is a name that only its own network has.
 */
export function homeName(id: NodeId, network: string): string {
  return network.length <= LABEL_LENGTH ? `${nameOf(id)}.${network}` : `home.${networkAlias(id)}`;
}

/** The name under which a node is reached from another boundary: `postgres.subsidiaries.pool`. */
export function networkAlias(id: NodeId): string {
  return id.split("/").reverse().join(".").replaceAll("~", "-");
}
