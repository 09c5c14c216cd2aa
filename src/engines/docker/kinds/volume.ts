import { moveVolume } from "../take-over.ts";
import { makeVolume, removeVolume } from "../volumes.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const volume: DockerKind<"volume"> = {
  async realise(scope, node, { change, context }) {
    const former = context.formerly?.(node.id);
    const made = await makeVolume(scope, node);
    if (former !== undefined) await moveVolume(scope, former, node.id);
    return didCreate(made, change);
  },
  remove: (scope, node) => removeVolume(scope, node.id),
};
