import type { NodeId } from "../../../domain/stack/node.ts";
import { engineCall, orAbsent } from "../call.ts";
import { untilSteady } from "../observe/steady.ts";
import type { Scope } from "../scope.ts";

/**
 * Lets a container that was held go on, and waits for its health. Docker refuses one that is not held with the same answer as one that it cannot let
 * go on: so a refusal counts only where the container still is held.
 */
export async function unpause(scope: Pick<Scope, "docker" | "now">, id: NodeId, container: string): Promise<void> {
  const inspect = () => orAbsent(id, () => scope.docker.getContainer(container).inspect());
  await engineCall(id, async () => {
    try {
      await scope.docker.getContainer(container).unpause();
    } catch (error) {
      if ((await inspect())?.State.Paused !== false) throw error;
    }
  });
  await untilSteady(scope, id, container);
}
