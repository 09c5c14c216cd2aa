import { dirname } from "node:path";
import { egressShape, SQUID_CONFIG } from "../kinds/egress.ts";
import { squidConfig } from "../network/egress/squid-config.ts";
import type { Builder } from "./context.ts";
import { ownConfig } from "./secret-file.ts";
import { projectName, runningService } from "./service.ts";

/** Compose chooses the subnets, so whoever stands in a network of the proxy may ask it. */
export const egress: Builder<"egress"> = async (node) => {
  const config = ownConfig(node, "squid.conf", squidConfig(node.spec, "all"));
  const mounts = { [dirname(SQUID_CONFIG)]: { ...config, path: dirname(config.path) } };
  return {
    name: projectName(node.id),
    service: runningService({ id: node.id, image: node.spec.image, shape: egressShape(node), mounts }),
    files: [config],
  };
};
