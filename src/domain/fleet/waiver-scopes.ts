import type { Problem } from "../../kernel/problem.ts";
import type { Declarations } from "./declared.ts";
import { shown, suggestion } from "./issues.ts";
import type { Fleet } from "./model.ts";
import type { Trace } from "./trace.ts";

const NODE = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** A waiver for nothing would stay unseen until the day on which it is needed. */
export function waiverScopeProblems({ Waiver }: Declarations, fleet: Fleet, trace: Trace): Problem[] {
  const stacks = new Set([
    ...fleet.regions.map((region) => `platform/${region.name}`),
    ...fleet.pools.map((pool) => `pool/${pool.name}`),
    ...fleet.tenants.flatMap((tenant) => tenant.environments.map((environment) => environment.address)),
  ]);
  return fleet.waivers.flatMap(({ name, scope }) => {
    const source = Waiver.get(name)?.source;
    const [stack, node] = [scope.slice(0, scope.lastIndexOf("/")), scope.slice(scope.lastIndexOf("/") + 1)];
    if (source === undefined || trace.has(scope) || stacks.has(scope) || (stacks.has(stack) && NODE.test(node))) return [];
    const message = `scope ${shown(scope)} is not an address of this fleet${suggestion(scope, [...trace.keys(), ...stacks])}`;
    const hint = "one exact address, such as central/production, or a node of it such as central/production/odoo";
    return [{ code: "BAL-F025", severity: "error", at: source.placeOf(["spec", "scope"]), message, hint }];
  });
}
