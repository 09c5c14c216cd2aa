import { makeNetwork, removeNetwork } from "../networks.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const boundary: DockerKind<"boundary"> = {
  realise: async (scope, node, { change }) => didCreate(await makeNetwork(scope, node), change),
  remove: (scope, node) => removeNetwork(scope, node.id),
};
