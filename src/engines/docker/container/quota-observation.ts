import type { NodeId, Stack } from "../../../domain/stack/node.ts";
import type { ObservedNode, Seen } from "../../../domain/stack/observation.ts";
import type { Scope } from "../scope.ts";
import { cgroupEdits, sweepCgroups } from "./cgroups.ts";
import { lookAtFiles } from "./files.ts";

/** A quota is the group that the kernel holds, and not the note that it was made: without the group it counts as absent, with other limits as edited. */
export async function lookAtQuotas(scope: Scope, stack: Stack, nodes: Map<NodeId, Seen<ObservedNode>>): Promise<void> {
  for (const node of stack.nodes) {
    const observation = nodes.get(node.id);
    if (node.kind !== "quota" || observation?.state !== "present" || observation.value.declared.kind !== "quota") continue;
    const edits = await cgroupEdits(scope, node.id, observation.value.declared.spec as typeof node.spec);
    if (edits === undefined) nodes.set(node.id, { state: "absent", at: scope.now() });
    else if (edits.length > 0)
      nodes.set(node.id, { ...observation, value: { ...observation.value, edits: [...(observation.value.edits ?? []), ...edits] } });
  }
}

const swept = new Set<string>();

/** Once a process: groups that a killed one left are found at its start. */
export async function sweepOnce(scope: Scope): Promise<void> {
  if (swept.has(scope.owner.instance)) return;
  swept.add(scope.owner.instance);
  const { nodes } = await lookAtFiles(scope, undefined);
  const quotas = nodes.filter(({ declared }) => declared.kind === "quota").map(({ declared }) => declared.id);
  await sweepCgroups(scope, quotas);
}
