import { CalendarDocument } from "./calendar.ts";
import { FleetDocument } from "./fleet.ts";
import { IntegrationDocument } from "./integration.ts";
import { PoolDocument } from "./pool.ts";
import { ProcessDocument } from "./process.ts";
import { RegionDocument } from "./region.ts";
import { ReleaseDocument } from "./release.ts";
import { TenantDocument } from "./tenant.ts";
import { TierDocument } from "./tier.ts";
import { WaiverDocument } from "./waiver.ts";

/** The kinds of the language, in the order in which people write them. */
export const SCHEMAS = {
  Fleet: FleetDocument,
  Region: RegionDocument,
  Tier: TierDocument,
  Calendar: CalendarDocument,
  Pool: PoolDocument,
  Tenant: TenantDocument,
  Process: ProcessDocument,
  Integration: IntegrationDocument,
  Release: ReleaseDocument,
  Waiver: WaiverDocument,
} as const;

export type Kind = keyof typeof SCHEMAS;
export const KINDS = Object.keys(SCHEMAS) as Kind[];
