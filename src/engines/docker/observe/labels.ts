import { randomBytes } from "node:crypto";
import { type AnyNode, type NodeId, nameOf, type StackId, specHash, stackOf } from "../../../domain/stack/node.ts";
import { canonicalJson, type Json, shortHash } from "../../../kernel/canonical.ts";
import type { Ownership } from "../scope.ts";

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

/** Tells a volume from another one that somebody made later under the same name and labels. */
export const IDENTITY = "ballast.identity";

/** The labels of a volume that is about to be made. */
export function volumeLabels(owner: Ownership, node: Declared): Record<string, string> {
  return { ...labelsOf(owner, node), [IDENTITY]: randomBytes(8).toString("hex") };
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

/** What becomes a DNS label, a cgroup or a unit of systemd may be no longer. */
const LONGEST_NAME = 63;
const FLEET_LENGTH = 16;

/** How the name of everything begins that this version makes for an installation. */
function ownBeginning({ fleet, instance }: Ownership): string {
  return `${fleet.slice(0, FLEET_LENGTH)}-${instance}-`;
}

/** True of a name of ours, also of one that an older version gave. */
export function isOwnName(owner: Ownership, name: string): boolean {
  return [ownBeginning(owner), `${owner.fleet}-${owner.instance}-`].some((beginning) => name.startsWith(beginning));
}

/**
 * The name under which an object of a node is made: readable as far as there is room, and told from every other by the hash of the whole id. Only for
 * making: what an older version made bears another name, so whatever exists is found by its labels (own-objects.ts).
 * @param part what is made for the node beside its object, such as a job.
 */
export function objectName(owner: Ownership, id: NodeId, part?: string): string {
  const beginning = ownBeginning(owner);
  const end = `-${shortHash(id)}${part === undefined ? "" : `.${part}`}`;
  const readable = id.replaceAll(/[/~]/g, "-").slice(0, LONGEST_NAME - beginning.length - end.length);
  return `${beginning}${readable.replace(/-+$/, "")}${end}`;
}

/** The name that versions before hashes gave. Two nodes may share one: it says where to look for what is there, never that it is there. */
export function formerObjectName({ fleet, instance }: Ownership, id: NodeId): string {
  return `${fleet}-${instance}-${id.replaceAll(/[/~]/g, "-")}`;
}

/** The filter that selects the objects of one node. */
export function nodeFilter(owner: Ownership, id: NodeId): { label: string[] } {
  return { label: [`ballast.instance=${owner.instance}`, `ballast.node=${id}`] };
}

/** True of labels that such a filter selects. */
export function hasLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
  { label }: { readonly label: readonly string[] },
): boolean {
  return label.every((one) => labels?.[one.slice(0, one.indexOf("="))] === one.slice(one.indexOf("=") + 1));
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
