import { CalendarDocument } from "./calendar.ts";
import { FleetDocument } from "./fleet.ts";
import { PoolDocument } from "./pool.ts";
import { RegionDocument } from "./region.ts";
import { TenantDocument } from "./tenant.ts";

/** The kinds of this version, in the order in which people write them. */
export const SCHEMAS = {
  Fleet: FleetDocument,
  Region: RegionDocument,
  Calendar: CalendarDocument,
  Pool: PoolDocument,
  Tenant: TenantDocument,
} as const;

export type Kind = keyof typeof SCHEMAS;
export const KINDS = Object.keys(SCHEMAS) as Kind[];

/** Agreed words of the language that later versions give a meaning. */
export const LATER_KINDS = ["Tier", "Process", "Integration", "Release", "Waiver"] as const;
