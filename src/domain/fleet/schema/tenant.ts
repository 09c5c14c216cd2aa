import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { envelope } from "./document.ts";
import { type Complaint, country, domainName, field, list, matching, name, optional, series, text } from "./forms.ts";
import { moduleName, tier } from "./pool.ts";
import { postgresShape, quotas, sizes } from "./sizes.ts";

export const ENVIRONMENT_NAMES = ["production", "staging", "development", "recovery"] as const;
export const HOSTINGS = ["shared", "isolated", "dedicated"] as const;
export const RESERVED_NAMES = [
  "fleet",
  "region",
  "calendar",
  "pool",
  "tier",
  "platform",
  "process",
  "integration",
  "release",
  "waiver",
] as const;

const tenantName = name.superRefine((value, context) => {
  if (!RESERVED_NAMES.some((one) => one === value)) return;
  const complaint: Complaint = {
    code: "BAL-F013",
    text: `is reserved; so are: ${RESERVED_NAMES.filter((one) => one !== value).join(", ")}`,
  };
  context.addIssue({ code: "custom", message: complaint.text, params: { ...complaint } });
});

export const email = matching(/^[^\s@<>"]{1,64}@[^\s@<>".]+(\.[^\s@<>".]+)+$/, { code: "BAL-F015", text: "is not an e-mail address" });

export const ownerName = text(/\S/, (value) =>
  value.trim() === "" || value.length > 200 ? { code: "BAL-F015", text: "must be a name of at most 200 characters" } : undefined,
);

const environmentFields = z.strictObject({
  hosting: field(
    z.enum(HOSTINGS),
    "shared: own Odoo processes and database on a pool's PostgreSQL; isolated: own network, PostgreSQL and storage; dedicated: own nodes or host too.",
  ),
  pool: optional(z.string(), "Pool that it shares. Required with hosting shared, else not allowed."),
  region: optional(z.string(), "Region it runs in, with hosting isolated or dedicated. The only one, when the fleet has one."),
  tier: optional(tier, "Class of service. The pool's with hosting shared, else standard."),
  series: optional(series, "Odoo series. The pool's with hosting shared, else 19.0."),
  release: optional(z.string(), "Release that it runs, of the same series."),
  domain: optional(domainName, "Host name, when it is not the one made from tenant and domain of the fleet."),
  sizes: optional(sizes, "How large its processes are."),
  quotas: optional(quotas, "Walls for all its processes together."),
  postgres: optional(postgresShape, "Shape of its own PostgreSQL, with hosting isolated or dedicated."),
  modules: optional(list(moduleName), "Odoo modules of its own template, with hosting isolated or dedicated.", DEFAULTS.modules),
  suspended: optional(z.boolean(), "True: closed to everybody, its processes stopped, its data kept.", false),
  copyOf: optional(z.enum(ENVIRONMENT_NAMES), "Environment of the same tenant that it is a neutralised copy of."),
});

const OF_POOL = "{field} is not allowed with hosting shared: it is the pool's";

type EnvironmentFields = z.output<typeof environmentFields>;

function hostingComplaints({ hosting, pool, region, postgres, modules }: EnvironmentFields): Readonly<Record<string, Complaint>> {
  const code = "BAL-F019";
  if (hosting !== "shared") {
    const hint = "remove it, or declare hosting: shared";
    return pool === undefined ? {} : { pool: { code, text: `{field} is not allowed with hosting ${hosting}`, hint } };
  }
  const hint = "the environment runs in the region of its pool";
  return {
    ...(pool === undefined ? { pool: { code, text: "{field} is missing: hosting shared needs a pool" } } : {}),
    ...(region === undefined ? {} : { region: { code, text: "{field} is not allowed with hosting shared", hint } }),
    ...(postgres === undefined ? {} : { postgres: { code, text: OF_POOL, hint: "declare it in the Pool: spec.postgres" } }),
    ...(modules === undefined ? {} : { modules: { code, text: OF_POOL, hint: "declare them in the Pool: spec.modules" } }),
  };
}

const environment = environmentFields.superRefine((value, context) => {
  for (const [one, complaint] of Object.entries(hostingComplaints(value))) {
    context.addIssue({ code: "custom", message: complaint.text, path: [one], params: { ...complaint } });
  }
});

const environments = z
  .strictObject({
    production: optional(environment, "What the business runs on."),
    staging: optional(environment, "Where changes are rehearsed."),
    development: optional(environment, "Where changes are made."),
    recovery: optional(environment, "Where restores are proven and drills are held."),
  })
  .superRefine((value, context) => {
    if (Object.values(value).some((one) => one !== undefined)) return;
    const complaint: Complaint = { code: "BAL-F018", text: `{field} are empty; at least one of: ${ENVIRONMENT_NAMES.join(", ")}` };
    context.addIssue({ code: "custom", message: complaint.text, params: { ...complaint } });
  });

/** A company, branch or customer, and the Odoo environments that it runs. */
export const TenantDocument = envelope(
  "Tenant",
  z.strictObject({
    name: field(tenantName, "Name, part of its host names: a DNS label of at most 40 characters."),
    renamedFrom: optional(tenantName, "Former name. Its data is taken over instead of starting empty."),
  }),
  field(
    z.strictObject({
      owner: field(
        z.strictObject({ name: field(ownerName, "Name of the team or person."), email: field(email, "Where they are reached.") }),
        "Who answers for this tenant.",
      ),
      calendar: field(z.string(), "Calendar that its changes obey."),
      residency: optional(list(country), "Countries in which its data may lie, ISO 3166. Anywhere when not declared."),
      integrations: optional(list(name, 0), "Integrations that it uses.", []),
      environments: field(environments, "Its environments."),
    }),
    "What the tenant needs.",
  ),
);
export type TenantDocument = z.output<typeof TenantDocument>;
