import { suggestion } from "../../kernel/distance.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { Declarations, Declared } from "./declared.ts";
import { shown } from "./issues.ts";
import type { Fleet } from "./model.ts";
import { KINDS } from "./schema/kinds.ts";
import { ENVIRONMENT_NAMES } from "./schema/tenant.ts";
import type { Trace } from "./trace.ts";

const NODE = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

/**
 * A waiver for nothing would stay unseen until the day on which it is needed.
 * What is declared but faulty counts as there: its own problems are enough.
 */
export function waiverScopeProblems(declarations: Declarations, fleet: Fleet, trace: Trace): Problem[] {
  const stacks = new Set([
    ...[...declarations.Region.keys()].map((name) => `platform/${name}`),
    ...[...declarations.Pool.keys()].map((name) => `pool/${name}`),
    ...[...declarations.Tenant.values()].flatMap(environmentsOf),
  ]);
  const known = new Set([...trace.keys(), ...stacks, ...KINDS.flatMap((kind) => addressesOf(kind, declarations))]);
  return fleet.waivers.flatMap(({ name, scope }) => {
    const source = declarations.Waiver.get(name)?.source;
    const [stack, node] = [scope.slice(0, scope.lastIndexOf("/")), scope.slice(scope.lastIndexOf("/") + 1)];
    if (source === undefined || known.has(scope) || (stacks.has(stack) && NODE.test(node))) return [];
    const message = `scope ${shown(scope)} is not an address of this fleet${suggestion(scope, known)}`;
    const hint = "one exact address, such as central/production, or a node of it such as central/production/odoo";
    return [{ code: "BAL-F025", severity: "error", at: source.placeOf(["spec", "scope"]), message, hint }];
  });
}

function addressesOf(kind: keyof Declarations, declarations: Declarations): string[] {
  if (kind === "Fleet") return ["fleet"];
  const names = [...declarations[kind].keys()];
  return kind === "Tenant" ? names : names.map((name) => `${kind.toLowerCase()}/${name}`);
}

/** As they are written, whether or not the schema accepts them. */
function environmentsOf({ name, source: { value } }: Declared<"Tenant">): string[] {
  const spec = value["spec"] as { readonly environments?: unknown } | null | undefined;
  const environments = spec?.environments;
  if (typeof environments !== "object" || environments === null) return [];
  return ENVIRONMENT_NAMES.filter((one) => Object.hasOwn(environments, one)).map((one) => `${name}/${one}`);
}
