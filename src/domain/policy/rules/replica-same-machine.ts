import type { PolicyRule } from "../rule.ts";

export const replicaSameMachine: PolicyRule = {
  code: "BAL-P024",
  title: "It is known what a replica guards against",
  severity: "note",
  reason: "A replica on the same machine survives the loss of a container, an image or a volume, and not that of the machine.",
  check({ loaded, stacks }) {
    const docker = loaded.fleet.regions.filter((region) => region.engine.kind === "docker");
    if (docker.length === 0) return [];
    return [...stacks.values()]
      .flatMap((stack) => stack.nodes)
      .flatMap((node) => {
        if (node.kind !== "replica") return [];
        const message = "runs on the machine of the server that it follows: 1 machine lost is 2 servers lost";
        return [{ address: node.id, message, hint: "keep copies of the data on another machine" }];
      });
  },
};
