import type { Json } from "../../kernel/canonical.ts";
import { compareNodes } from "./compare.ts";
import type { NodeId, Stack } from "./node.ts";
import { specHash } from "./node.ts";
import type { Edit, Observation, ObservedNode, Seen } from "./observation.ts";

/**
 * One way in which reality is otherwise than what was applied.
 * `pending`: the desired state changed and was not carried out yet, such as a part that waits for its window. Everything else happened behind Ballast's back.
 */
export interface Drift {
  readonly node: NodeId;
  readonly kind: "missing" | "stopped" | "failing" | "edited" | "foreign" | "undeclared" | "pending";
  /** For people: `memoryMiB 1280 → 512`. */
  readonly says: string;
  /** What was edited. */
  readonly field?: string;
  /** As in `Edit`. */
  readonly rests?: string;
}

/** Everything that differs between what is wanted of a stack and what was seen; what is unknown is no drift. */
export function driftOf(desired: Stack, seen: Observation): readonly Drift[] {
  const wanted = new Set(desired.nodes.map((node) => node.id));
  const undeclared = [...seen.nodes].flatMap(([node, observation]): Drift[] =>
    wanted.has(node) || observation.state !== "present" ? [] : [{ node, kind: "undeclared", says: leftoverWords(desired) }],
  );
  return [...desired.nodes.flatMap((node) => driftOfNode(node, seen.nodes.get(node.id))), ...undeclared];
}

function leftoverWords({ nodes, suspended }: Stack): string {
  if (nodes.length === 0) return "is ours and no longer declared";
  return suspended === true ? "is there, though it is suspended" : "is ours and not part of it as it is declared now";
}

/** Of what is not there: that it is lost, where it held data. */
export function whyMissing(observation: Seen<ObservedNode> | undefined): string {
  return observation?.state === "lost" ? observation.because : "is not there";
}

function driftOfNode(node: Stack["nodes"][number], observation: Seen<ObservedNode> | undefined): readonly Drift[] {
  const { id } = node;
  if (observation?.state === "unknown") return [];
  if (observation?.state !== "present") return [{ node: id, kind: "missing", says: whyMissing(observation) }];
  const { value } = observation;
  const words = value.because === undefined ? "" : `: ${value.because}`;
  const result: Drift[] = [];
  if (value.condition === "stopped") result.push({ node: id, kind: "stopped", says: `is stopped${words}` });
  if (value.condition === "failing") result.push({ node: id, kind: "failing", says: `is failing${words}`, ...restsAs(value.edits) });
  if (value.hash !== specHash(node)) {
    const says = compareNodes(value.declared, node).map((field) => `${field.field} ${show(field.before)} → ${show(field.after)}`);
    result.push({ node: id, kind: "pending", says: says.join(", ") });
  }
  return [...result, ...(value.edits ?? []).map((edit) => driftOfEdit(id, edit))];
}

function driftOfEdit(node: NodeId, edit: Edit): Drift {
  const { field, repair, rests } = edit;
  const kind = repair === "report" ? "foreign" : "edited";
  return { node, kind, says: describeEdit(edit), field, ...(rests === undefined ? {} : { rests }) };
}

/** What fails because of edits alone rests with them. */
function restsAs(edits: readonly Edit[] = []): Pick<Drift, "rests"> {
  const [first] = edits;
  return first?.rests !== undefined && edits.every(({ rests }) => rests !== undefined) ? { rests: first.rests } : {};
}

/** `memoryMiB 1280 → 512`: as it was made, as it is. */
export function describeEdit({ field, made, found }: Edit): string {
  return `${field} ${show(made)} → ${show(found)}`;
}

function show(value: Json | undefined): string {
  if (value === undefined) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
