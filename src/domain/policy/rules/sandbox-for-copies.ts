import type { PolicyRule } from "../rule.ts";

export const sandboxForCopies: PolicyRule = {
  code: "BAL-P030",
  title: "Rehearsals have somebody to call",
  severity: "note",
  reason:
    "Copies never call the real other end. Without a sandbox they call nobody, so what is rehearsed ends where the shipment is booked.",
  check({ loaded }) {
    const { tenants, integrations } = loaded.fleet;
    return integrations.flatMap(({ name, sandbox }) => {
      const users = tenants.filter((tenant) => tenant.integrations.includes(name));
      const rehearsals = users.flatMap((tenant) => tenant.environments.filter((one) => one.name === "staging").map((one) => one.address));
      if (sandbox !== undefined || rehearsals.length === 0) return [];
      const message = `it has no sandbox, and ${rehearsals.join(", ")} cannot rehearse it`;
      return [{ address: `integration/${name}`, message, hint: "declare sandbox: with the URL that its owner gives for tests" }];
    });
  },
};
