/** What a new fleet starts with. Not checked yet: the loader says what is wrong with it. */
export interface Starter {
  readonly name: string;
  readonly tenants: readonly string[];
  readonly country: string;
  readonly zone: string;
  readonly domain?: string;
  readonly series: string;
  readonly hosting: string;
  /** `YYYY-MM-DD`. */
  readonly coveredUntil: string;
  /** Whether public holidays of the country are known. */
  readonly holidays: boolean;
}

/** One line of the file, and the option that what may be wrong with it came from. */
export interface StarterLine {
  readonly text: string;
  readonly option?: string;
}

/** A fleet with comments, line by line: the Fleet, this machine, a calendar, a pool where one is shared, and the tenants. */
export function starterLines(starter: Starter): readonly StarterLine[] {
  const shared = starter.hosting === "shared";
  return [
    plain("# A fleet: everything that Ballast runs and keeps as it is declared here. One file or many, in any order."),
    plain("# What is not written has a default; ballast explain shows each with its source."),
    ...fleetLines(starter),
    ...regionLines(starter),
    ...calendarLines(starter),
    ...(shared ? poolLines(starter) : []),
    ...starter.tenants.flatMap((tenant) => tenantLines(starter, tenant, shared)),
  ];
}

function plain(text: string): StarterLine {
  return { text };
}

function document(kind: string, name: string, option: string): StarterLine[] {
  const head = ["apiVersion: ballast.dev/v1alpha1", `kind: ${kind}`].map(plain);
  return [...head, { text: `metadata: { name: ${word(name)} }`, option }];
}

/** A text as YAML reads it back: as it is where it is a plain word, else in quotes. */
function word(text: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9./_-]*$/.test(text) && !/^(null|true|false|yes|no|on|off)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function fleetLines({ name, domain }: Starter): StarterLine[] {
  const spec: StarterLine =
    domain === undefined
      ? plain(`# spec: { domain: odoo.example.com } # hosts are TENANT.DOMAIN; browsers find ${word(name)}.localhost on this machine`)
      : { text: `spec: { domain: ${word(domain)} } # hosts are TENANT.DOMAIN`, option: "--domain" };
  return [...document("Fleet", name, "--name"), spec];
}

function regionLines({ country }: Starter): StarterLine[] {
  return [
    plain("---"),
    plain("# Where it runs: the Docker engine of this machine, under the law of that country."),
    ...document("Region", "here", "--name"),
    { text: `spec: { engine: { docker: {} }, jurisdiction: ${word(country)} }`, option: "--country" },
  ];
}

function calendarLines({ country, zone, coveredUntil, holidays }: Starter): StarterLine[] {
  return [
    plain("---"),
    plain("# When the business can bear a restart. Outside of it disruptive changes wait; ballast calendar shows it day by day."),
    ...document("Calendar", "business", "--zone"),
    plain("spec:"),
    { text: `  zone: ${word(zone)}`, option: "--zone" },
    plain(`  coveredUntil: ${coveredUntil} # thought through until then, closed beyond: check again in time`),
    holidays
      ? {
          text: `  holidays: { country: ${word(country)} } # add subdivision: the part after the hyphen of ISO 3166-2`,
          option: "--country",
        }
      : plain(`  # no public holidays of ${word(country)} are known`),
    plain('  maintenance: [{ days: [sat, sun], from: "02:00", to: "05:00" }]'),
    plain('  # cutoffs: [{ name: evening-dispatch, days: [mon, tue, wed, thu, fri], at: "17:30", protectBefore: 2h }]'),
    plain("  # monthEnd: { protectBefore: 1d, protectAfter: 2d }"),
    plain('  # peaks: [{ name: christmas, from: "11-15", to: "12-24", factor: 2 }]'),
  ];
}

function poolLines({ series }: Starter): StarterLine[] {
  return [
    plain("---"),
    plain("# One PostgreSQL and one template for many tenants. Each has a database, role and Odoo of its own."),
    ...document("Pool", "everyone", "--hosting"),
    { text: `spec: { tier: standard, series: ${word(series)} }`, option: "--series" },
  ];
}

function tenantLines({ series }: Starter, tenant: string, shared: boolean): StarterLine[] {
  const address = /^[a-z0-9-]+$/.test(tenant) ? `ops@${tenant}.example` : "ops@tenant.example";
  return [
    plain("---"),
    ...document("Tenant", tenant, "--tenants"),
    plain("spec:"),
    plain(`  owner: { name: Operations, email: ${address} } # who answers for it: put real ones here`),
    plain("  calendar: business"),
    plain("  environments:"),
    shared
      ? plain("    production: { hosting: shared, pool: everyone }")
      : { text: `    production: { hosting: isolated, region: here, series: ${word(series)} }`, option: "--series" },
  ];
}
