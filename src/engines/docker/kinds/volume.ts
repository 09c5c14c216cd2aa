import type { AnyNode, StackNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import type { Scope } from "../scope.ts";
import { handoverOf, takeOver } from "../volume/take-over.ts";
import { makeVolume, removeVolume } from "../volume/volumes.ts";
import { type DockerKind, didCreate } from "./kind.ts";

/** Where nobody looks into it. */
const TARGET = "/var/lib/ballast/volume";

export const volume: DockerKind<"volume"> = {
  async realise(scope, node, { change, context }) {
    const handover = await handoverOf(scope, node.id, context.formerly?.(node.id));
    if (handover === undefined) return didCreate(await makeVolume(scope, node), change);
    const imageId = await imageOfUser(scope, node, context);
    await takeOver(scope, node as AnyNode, handover, { imageId, target: TARGET, signal: context.signal });
    return { did: "created", facts: { tookOver: handover.former } };
  },
  remove: (scope, node) => removeVolume(scope, node.id),
};

/** The image of whoever will mount it, which is here already. */
async function imageOfUser(scope: Scope, node: StackNode<"volume">, { stack, progress, signal }: ApplyContext): Promise<string> {
  const user = stack.nodes.find((one) => "image" in one.spec && one.uses.some((edge) => edge.to === node.id));
  if (user === undefined || !("image" in user.spec)) throw failure("BAL-E003", node.id, "is a volume that nobody uses");
  return (await scope.image(user.spec.image, progress, signal)).imageId;
}
