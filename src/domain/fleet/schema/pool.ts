import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { envelope, metadata } from "./document.ts";
import { field, list, matching, optional, series } from "./forms.ts";
import { postgresShape } from "./sizes.ts";

export const tier = z.string();

export const moduleName = matching(/^[a-z][a-z0-9_]{0,62}$/, {
  code: "BAL-F015",
  text: "is not the name of an Odoo module",
  hint: "the technical name, such as sale_management",
});

/** A shared runtime: one PostgreSQL and one template for the shared environments of many tenants. */
export const PoolDocument = envelope(
  "Pool",
  metadata,
  optional(
    z.strictObject({
      region: optional(z.string(), "Region it runs in. The only one, when the fleet has one."),
      tier: optional(tier, "Class of service, also of its environments unless they say otherwise.", DEFAULTS.tier),
      series: optional(series, "Odoo series of the pool and of all its environments.", DEFAULTS.series),
      modules: optional(list(moduleName), "Odoo modules installed in the template.", DEFAULTS.modules),
      postgres: optional(postgresShape, "Shape of the pool's PostgreSQL."),
    }),
    "What the pool is made of.",
  ),
);
export type PoolDocument = z.output<typeof PoolDocument>;
