import type { PolicyRule } from "../rule.ts";

export const memoryUnknown: PolicyRule = {
  code: "BAL-P039",
  title: "Somebody knows whether the memory is there",
  severity: "note",
  reason: "The size of a cluster is not part of the fleet. On one machine the control plane and doctor look; in a cluster nobody does yet.",
  check({ loaded, stacks }) {
    return loaded.fleet.regions.flatMap(({ name, engine }) => {
      if (engine.kind !== "kubernetes" || !stacks.has(`platform/${name}`)) return [];
      const message = "the memory of its nodes is not known here, so the sizes declared for it were not compared with it";
      return [
        { address: `region/${name}`, field: "engine.kubernetes.context", message, hint: "kubectl describe nodes shows what is left" },
      ];
    });
  },
};
