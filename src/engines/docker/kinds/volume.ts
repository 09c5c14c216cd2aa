import { makeVolume, removeVolume } from "../volumes.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const volume: DockerKind<"volume"> = {
  realise: async (scope, node, { change }) => didCreate(await makeVolume(scope, node), change),
  remove: (scope, node) => removeVolume(scope, node.id),
};
