import { NO_DOWNTIME } from "../stack/kinds/kind.ts";
import type { Stack } from "../stack/node.ts";
import type { Observation } from "../stack/observation.ts";
import type { Change } from "./change.ts";

/**
 * Of an environment of which no process serves, a restart closes nobody: waiting for a window would only keep it down. What closes from then on, such as
 * another address, still waits: people would find it closed after it serves again.
 */
export function closingNobody(desired: Stack, seen: Observation, changes: readonly Change[]): readonly Change[] {
  if (desired.role !== "environment" || mayServe(desired, seen)) return changes;
  return changes.map((one) => {
    const { interruption, closedSeconds, irreversible } = one.impact;
    if (interruption !== "closed" || closedSeconds === 0) return one;
    return { ...one, impact: { ...NO_DOWNTIME, irreversible, says: "nothing of it serves anyway" } };
  });
}

/** Whether some process that answers people serves, or cannot be seen. */
function mayServe(desired: Stack, { nodes }: Observation): boolean {
  const declared = new Map(desired.nodes.map((node) => [node.id, node.kind]));
  return [...nodes].some(([id, observation]) => {
    if (observation.state === "unknown") return declared.get(id) === undefined || declared.get(id) === "odoo";
    return observation.state === "present" && observation.value.declared.kind === "odoo" && observation.value.condition === "serving";
  });
}
