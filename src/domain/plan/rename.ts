import type { Problem } from "../../kernel/problem.ts";
import { isRemembered } from "../stack/data-record.ts";
import { KINDS } from "../stack/kinds/facts.ts";
import { type AnyNode, type NodeId, nameOf, nodeId, type Stack, type StackId } from "../stack/node.ts";
import type { Observation, ObservedNode, Seen } from "../stack/observation.ts";

/** A stack whose tenant had another name, and what was seen under both. */
export interface RenameObservation {
  readonly heir: Stack;
  readonly own: Observation;
  readonly former: Observation;
}

type Present = Extract<Seen<ObservedNode>, { state: "present" }>;

/**
 * Why a stack cannot take over, as a whole, what another one holds: something of it is lost, lies elsewhere than it is wanted, or would come upon data
 * that is there already. Asked before the first step, so that no part of it is moved when another cannot be. What is unknown is no reason.
 */
export function renameProblems({ heir, own, former }: RenameObservation): readonly Problem[] {
  const parts = heir.nodes
    .filter((node) => isRemembered(node, heir.nodes))
    .map((node) => ({ node, mine: own.nodes.get(node.id), source: former.nodes.get(nodeId(former.stack, nameOf(node.id))) }));
  const moves = parts.some(({ mine, source }) => source?.state === "present" && mine?.state === "absent");
  return parts.flatMap(({ node, mine, source }) => {
    const from = nodeId(former.stack, nameOf(node.id));
    if (source?.state === "lost") return [lost(node.id, from, source.because)];
    if (source?.state === "present") return conflict(node, source, { from, mine });
    const isMissing = moves && mine?.state === "absent" && source?.state !== "unknown";
    return isMissing ? [refusal(node.id, `nothing of ${from} is there, while other data of ${former.stack} is: it is not whole`)] : [];
  });
}

function conflict(
  node: AnyNode,
  source: Present,
  { from, mine }: { from: NodeId; mine: Seen<ObservedNode> | undefined },
): readonly Problem[] {
  if (mine?.state === "present") return [refusal(node.id, `holds data of its own, and so does ${from}, which it would take over`)];
  if (mine?.state === "absent" && mine.instead !== undefined)
    return [refusal(node.id, `cannot take over ${from}: in its place is ${mine.instead.says}`)];
  const moved = (KINDS[node.kind].fixedUses ?? []).flatMap((purpose) => {
    const [before, after] = [source.value.declared, node].map((one) => one.uses.find((edge) => edge.as === purpose)?.to);
    return before === after ||
      (before !== undefined && nameOf(before) === nameOf(after ?? "") && isWithin(before, from) && isWithin(after, node.id))
      ? []
      : [`${purpose} ${before ?? "none"} → ${after ?? "none"}`];
  });
  return moved.length === 0
    ? []
    : [refusal(node.id, `is renamed and moved at once (${moved.join(", ")}): its data does not move by itself`)];
}

/** True of a server of the stack's own, which takes the stack's name. */
function isWithin(used: NodeId | undefined, node: NodeId): boolean {
  const stack = node.slice(0, node.lastIndexOf("/"));
  return used?.startsWith(`${stack}/`) === true;
}

function lost(at: NodeId, from: NodeId, because: string): Problem {
  const hint = "restore it under the former name, or leave the name as it is and give it up there: ballast apply FOLDER --recreate ADDRESS";
  return { code: "BAL-W026", severity: "error", at, message: `takes over ${from}, which ${because}`, hint };
}

function refusal(at: NodeId, message: string): Problem {
  const hint =
    "nothing was changed; declare the former name again, or delete by name what must not be kept: ballast down ADDRESS --delete-data";
  return { code: "BAL-W027", severity: "error", at, message, hint };
}

/** True where both names are without data: the renamed one begins empty. */
export function takesOverNothing({ heir, own, former }: RenameObservation): boolean {
  if (former.unseen !== undefined) return false;
  return heir.nodes
    .filter((node) => isRemembered(node, heir.nodes))
    .every((node) => {
      const source = former.nodes.get(nodeId(former.stack, nameOf(node.id)));
      return own.nodes.get(node.id)?.state === "absent" && (source === undefined || source.state === "absent");
    });
}

/** Under which of its two names the data of a renamed stack is. What cannot be seen, or is lost, is taken to be there: it is not nothing. */
export function dataOf({ heir, own, former }: RenameObservation): { readonly own: boolean; readonly former: boolean } {
  const parts = heir.nodes.filter((node) => isRemembered(node, heir.nodes));
  const mayBe = (observation: Seen<ObservedNode> | undefined) => observation !== undefined && observation.state !== "absent";
  return {
    own: parts.some((node) => mayBe(own.nodes.get(node.id))),
    former: former.unseen !== undefined || parts.some((node) => mayBe(former.nodes.get(nodeId(former.stack, nameOf(node.id))))),
  };
}

/** The stacks of a fleet whose tenants had other names. */
export function renamedStacks(stacks: Iterable<Stack>): readonly (Stack & { readonly formerly: StackId })[] {
  return [...stacks].flatMap((stack) => (stack.formerly === undefined ? [] : [{ ...stack, formerly: stack.formerly }]));
}
