import { inviteEarly } from "../network/attach-servers.ts";
import { dropOutward } from "../network/egress/outward.ts";
import { closeNetworks } from "../network/firewall/close.ts";
import { makeNetwork, removeNetwork } from "../network/networks.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const boundary: DockerKind<"boundary"> = {
  async realise(scope, node, { change, context }) {
    const made = await makeNetwork(scope, node);
    // Before anybody stands in it.
    await closeNetworks(scope);
    // Who will be needed inside is let in now, beside the cloning, and not once everybody waits for it.
    await inviteEarly(scope, context.stack);
    return didCreate(made, change);
  },
  async remove(scope, node) {
    await dropOutward(scope, node.id);
    await removeNetwork(scope, node.id);
    await closeNetworks(scope);
  },
};
