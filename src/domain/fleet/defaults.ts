import { SERIES } from "./schema/forms.ts";

const MIB = 1024 ** 2;

/** Constants that apply where neither the fleet, a pool nor a tier says otherwise. `explain` shows them as defaults. */
export const DEFAULTS = {
  operatingModel: "centralised",
  imageSource: "packages",
  dockerSubnets: "10.213.0.0/16",
  regionRole: "active",
  tier: "standard",
  series: "19.0" satisfies (typeof SERIES)[number],
  modules: ["purchase", "sale_management", "sale_stock", "stock", "stock_delivery"],
  /** Of Let's Encrypt, for production. */
  acmeDirectory: "https://acme-v02.api.letsencrypt.org/directory",
  /** Of each client, in each environment. */
  ingressLimits: {
    bodyBytes: 128 * MIB,
    callBodyBytes: MIB,
    requests: { count: 12_000, perSeconds: 60 },
    // Offices behind one address; what more waits at Odoo would keep everybody waiting.
    requestsAtOnce: 200,
    logins: { count: 120, perSeconds: 60 },
    calls: { count: 3000, perSeconds: 60 },
    reports: { count: 120, perSeconds: 60 },
    // Stations behind one address print at the same time.
    reportsAtOnce: 8,
  },
  waveDurationSeconds: 3600,
  /** Every Odoo container: its master process and what all workers share. */
  odooMemoryBaseBytes: 256 * MIB,
  odooMemoryPerProcessBytes: 256 * MIB,
  /** A process that only hands out styles and pictures grows less. */
  reportMemoryPerProcessBytes: 192 * MIB,
  integration: {
    criticality: "important",
    timeoutSeconds: 10,
    retryBudgetPercent: 10,
    failures: 5,
    openForSeconds: 30,
    onFailure: "queue",
  },
} as const;
