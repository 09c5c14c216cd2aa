import type { Environment, Pool, PostgresShape } from "../fleet/model.ts";
import { type Tier, tierNamed } from "../fleet/tiers.ts";
import type { StackNode } from "../stack/node.ts";
import type { PolicyView } from "./rule.ts";

export function environments({ loaded }: PolicyView): readonly Environment[] {
  return loaded.fleet.tenants.flatMap((tenant) => tenant.environments);
}

export function productions(view: PolicyView): readonly Environment[] {
  return environments(view).filter((environment) => environment.name === "production");
}

export function tierOf({ loaded }: PolicyView, { tier }: { readonly tier: string }): Tier {
  return tierNamed(loaded.fleet.tiers, tier);
}

/** The pool that an environment shares, where it shares one. */
export function poolOf({ loaded }: PolicyView, environment: Environment): Pool | undefined {
  return environment.hosting === "shared" ? loaded.fleet.pools.find((pool) => pool.name === environment.pool) : undefined;
}

/** The environments that share a pool. */
export function membersOf(view: PolicyView, pool: Pool): readonly Environment[] {
  return environments(view).filter((environment) => environment.hosting === "shared" && environment.pool === pool.name);
}

/** The PostgreSQL under an environment: its own, or its pool's. */
export function postgresOf(view: PolicyView, environment: Environment): PostgresShape | undefined {
  return environment.hosting === "shared" ? poolOf(view, environment)?.postgres : environment.postgres;
}

/** The Odoo containers of an environment. */
export function odooNodesOf({ stacks }: PolicyView, { address }: Environment): readonly StackNode<"odoo">[] {
  return (stacks.get(address)?.nodes ?? []).flatMap((node) => (node.kind === "odoo" ? [node] : []));
}

export function databaseOf({ stacks }: PolicyView, { address }: Environment): StackNode<"database"> | undefined {
  return stacks.get(address)?.nodes.find((node) => node.kind === "database");
}

const DAY_MS = 86_400_000;

/** Days from one date to another, negative when it is past. */
export function daysUntil(today: string, date: string): number {
  return Math.round((Date.parse(`${date}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / DAY_MS);
}

/** Noon of a day: far from where any zone begins another one. */
export function noonOf(date: string): number {
  return Date.parse(`${date}T12:00:00Z`);
}
