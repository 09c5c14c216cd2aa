import type { Problem } from "../../kernel/problem.ts";
import type { Declarations } from "./declared.ts";
import type { Fleet } from "./model.ts";

/** A call that comes in at one path of a tenant must be of one integration, or its failures would be those of another. */
export function inboundProblems({ Tenant }: Declarations, fleet: Fleet): Problem[] {
  const inbound = new Map(fleet.integrations.map((one) => [one.name, one.inbound]));
  return fleet.tenants.flatMap((tenant) => {
    const source = Tenant.get(tenant.name)?.source;
    const owners = new Map<string, string>();
    return tenant.integrations.flatMap((name, index) =>
      (inbound.get(name) ?? []).flatMap((path): Problem[] => {
        const owner = owners.get(path);
        if (owner === undefined) owners.set(path, name);
        if (owner === undefined || owner === name || source === undefined) return [];
        const message = `${tenant.name}: integrations ${owner} and ${name} both receive at ${path}`;
        const at = source.placeOf(["spec", "integrations", index]);
        return [{ code: "BAL-F059", severity: "error", at, address: tenant.name, message, hint: "give each a path of its own" }];
      }),
    );
  });
}
