import type { PolicyRule } from "../rule.ts";

export const sharedCredential: PolicyRule = {
  code: "BAL-P037",
  title: "Tenants do not share a credential",
  severity: "note",
  reason: "What one of them leaks, or uses up of an agreed rate, is lost for all; and nobody can tell whose call it was.",
  check({ loaded }) {
    return loaded.fleet.integrations.flatMap(({ name, credential }) => {
      const users = loaded.fleet.tenants.filter((tenant) => tenant.integrations.includes(name)).map((tenant) => tenant.name);
      if (credential === undefined || users.length < 2) return [];
      const message = `credential ${credential} is used by ${users.length} tenants (${users.join(", ")}); 1 is expected`;
      return [
        { address: `integration/${name}`, field: "credential", message, hint: "declare an Integration with a credential for each of them" },
      ];
    });
  },
};
