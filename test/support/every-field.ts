import { rootCertificates } from "node:tls";

/** A fleet in which every field of the language stands somewhere, as data. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
export type Document = { readonly kind: string; readonly metadata: Json; readonly spec: Json };

const sha = (digit: string) => `sha256:${digit.repeat(64)}`;
const who = { name: "Operations", email: "ops@acme.example" };
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const SIZES = {
  web: { processes: 4, memory: "2Gi" },
  websocket: { memory: "512Mi" },
  cron: { threads: 2, memory: "1Gi" },
  jobs: { slots: 2, memory: "1Gi" },
  report: { processes: 1, memory: "512Mi" },
  integration: { processes: 1, memory: "512Mi" },
};
const QUOTAS = { memory: "8Gi", cpus: 4, pids: 2000, disk: "10Gi", connections: 80, cronThreads: 2, jobSlots: 2 };
const POSTGRES = { memory: "2Gi", maxConnections: 200, storage: "100Gi", replica: "asynchronous" };
const WAIVED = {
  rule: "BAL-P024",
  scope: "acme/staging/postgres-replica",
  reason: "one machine",
  ticket: "OPS-1",
  owner: "a@acme.example",
  secondSigner: "b@acme.example",
  expiresAt: "2027-03-31",
};

export const EVERY_FIELD: readonly Document[] = [
  {
    kind: "Fleet",
    metadata: { name: "every" },
    spec: {
      operatingModel: "centralised",
      domain: "odoo.example.com",
      ingress: {
        listen: "127.0.0.1:8443",
        limits: {
          body: "1Gi",
          callBody: "8Mi",
          requests: "500/s",
          requestsAtOnce: 100,
          logins: "30/m",
          calls: "50/s",
          reports: "600/h",
          reportsAtOnce: 2,
        },
        certificates: {
          acme: { email: "a@acme.example", directory: "https://ca.example/dir", network: "10.1.0.0/16", roots: rootCertificates[0] ?? "" },
        },
      },
      images: {
        source: "registry",
        odoo: `r.example/odoo@${sha("0")}`,
        postgres: `r.example/pg@${sha("0")}`,
        traefik: `r.example/t@${sha("0")}`,
      },
    },
  },
  ...["here", "there"].map((name) => ({
    kind: "Region",
    metadata: { name },
    spec: { engine: { docker: { subnets: "10.200.0.0/16" } }, jurisdiction: "DE", role: "active" },
  })),
  {
    kind: "Calendar",
    metadata: { name: "full" },
    spec: {
      zone: "Europe/Berlin",
      coveredUntil: "2027-01-07",
      holidays: { country: "DE", subdivision: "BW", factor: 0.2 },
      maintenance: [{ days: WEEK, from: "01:00", to: "23:00" }],
      freezes: [{ name: "turn", from: "2027-01-02", to: "2027-01-02", reason: "stocktaking" }],
      cutoffs: [{ name: "evening", days: WEEK, at: "17:30", protectBefore: "90m", protectAfter: "15m" }],
      waves: [{ name: "morning", days: WEEK, at: "06:00", duration: "2h" }],
      monthEnd: { protectBefore: "6h", protectAfter: "4h" },
      peaks: [{ name: "sales", from: "2027-01-04", to: "2027-01-05", factor: 2 }],
    },
  },
  { kind: "Calendar", metadata: { name: "closed" }, spec: { zone: "UTC", coveredUntil: "2028-12-31" } },
  {
    kind: "Pool",
    metadata: { name: "one" },
    spec: { region: "here", tier: "business", series: "19.0", modules: ["stock"], postgres: POSTGRES },
  },
  { kind: "Pool", metadata: { name: "two" }, spec: { region: "here" } },
  {
    kind: "Tenant",
    metadata: { name: "acme", renamedFrom: "ajax" },
    spec: {
      owner: who,
      calendar: "full",
      residency: ["DE"],
      integrations: ["dhl"],
      environments: {
        production: {
          hosting: "shared",
          pool: "one",
          tier: "business",
          series: "19.0",
          domain: "erp.odoo.example.com",
          sizes: SIZES,
          quotas: QUOTAS,
        },
        staging: {
          hosting: "isolated",
          region: "here",
          release: "r1",
          postgres: POSTGRES,
          modules: ["stock"],
          suspended: false,
          copyOf: "production",
        },
      },
    },
  },
  {
    kind: "Tenant",
    metadata: { name: "bolt" },
    spec: {
      owner: who,
      calendar: "full",
      integrations: ["dhl"],
      environments: {
        production: { hosting: "isolated", region: "here", tier: "gold" },
        staging: { hosting: "isolated", region: "here", tier: "silver" },
      },
    },
  },
  {
    kind: "Tier",
    metadata: { name: "gold" },
    spec: {
      basedOn: "business",
      objectives: {
        availability: "99.95%",
        pageP95: "1500ms",
        jobWait: "5m",
        node: { rpo: "1s", rto: "3m" },
        region: { rpo: "1m", rto: "2h" },
      },
      replica: "asynchronous",
      backup: { fullEvery: "12h", keep: "60d" },
      proofEvery: "3d",
      disasterRecovery: "rapid-rebuild",
      approvals: 2,
      rollout: "rolling",
      drift: "report",
      priority: 850,
      degradationOrder: 5,
      keepUndeclared: "45d",
      sizes: {
        web: { processes: 5 },
        cron: { threads: 2 },
        jobs: { slots: 3 },
        report: { processes: 2 },
        integration: { processes: 2 },
        postgres: { memory: "3Gi", maxConnections: 180 },
      },
    },
  },
  { kind: "Tier", metadata: { name: "silver" }, spec: { basedOn: "business" } },
  {
    kind: "Process",
    metadata: { name: "kitting" },
    spec: {
      criticality: "core",
      models: ["stock.picking"],
      routes: ["/stock_barcode"],
      jobs: ["stock.ir_cron_scheduler_action"],
      objective: { within: "2s", share: "99.9%" },
      degraded: "keep",
      fallback: "Paper",
    },
  },
  {
    kind: "Integration",
    metadata: { name: "dhl" },
    spec: {
      type: "carrier",
      url: "https://carrier.example/api",
      owner: who,
      zone: "Europe/Berlin",
      criticality: "core",
      timeout: "5s",
      retryBudget: "12.5%",
      circuitBreaker: { failures: 3, openFor: "1m" },
      rate: "600/m",
      onFailure: "reject",
      sandbox: "https://sandbox.carrier.example/api",
      network: "10.2.0.0/16",
      inbound: ["/hook"],
      credential: "dhl-api",
    },
  },
  { kind: "Integration", metadata: { name: "ups" }, spec: { type: "carrier", url: "https://ups.example/api" } },
  {
    kind: "Release",
    metadata: { name: "r1" },
    spec: {
      series: "19.0",
      image: sha("0"),
      addons: [{ name: "acme_wms", version: "19.0.1", digest: sha("0") }],
      provenance: { source: "https://git.example/odoo", revision: "0".repeat(40), builder: "ci" },
    },
  },
  { kind: "Release", metadata: { name: "r2" }, spec: { series: "19.0", image: sha("2") } },
  { kind: "Waiver", metadata: { name: "w" }, spec: WAIVED },
];
