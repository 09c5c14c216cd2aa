import { inviteEarly } from "../guests.ts";
import { makeNetwork, removeNetwork } from "../networks.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const boundary: DockerKind<"boundary"> = {
  async realise(scope, node, { change, context }) {
    const made = await makeNetwork(scope, node);
    // Who will be needed inside is let in now, beside the cloning, and not once everybody waits for it.
    await inviteEarly(scope, context.stack);
    return didCreate(made, change);
  },
  remove: (scope, node) => removeNetwork(scope, node.id),
};
