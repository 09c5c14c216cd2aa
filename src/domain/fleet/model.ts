import type { Calendar } from "../calendar/calendar.ts";
import type { Acme } from "./acme.ts";
import type { IngressLimits } from "./ingress-limits.ts";
import type { Integration } from "./integration.ts";
import type { Process } from "./processes.ts";
import type { Release } from "./release.ts";
import type { Series } from "./schema/forms.ts";
import type { Tier, Tiers } from "./tiers.ts";
import type { Waiver } from "./waiver.ts";

export type { Series } from "./schema/forms.ts";

/** Everything that one repository declares, with every default applied. All lists are in order of their names. */
export interface Fleet {
  readonly name: string;
  readonly operatingModel: "centralised" | "product-aligned" | "managed-partnership";
  readonly domain: string;
  readonly ingress: Ingress;
  readonly images: Images;
  /** Ask with `tierNamed`: what pools and environments refer to is there. */
  readonly tiers: Tiers;
  readonly regions: readonly Region[];
  readonly calendars: readonly Calendar[];
  readonly pools: readonly Pool[];
  readonly tenants: readonly Tenant[];
  /** The built-in ones too. */
  readonly processes: readonly Process[];
  readonly integrations: readonly Integration[];
  readonly releases: readonly Release[];
  readonly waivers: readonly Waiver[];
}

export interface Ingress {
  /** Chosen once on loopback, and kept, when not declared. */
  readonly listen?: { readonly address: string; readonly port: number };
  readonly limits: IngressLimits;
  /** Who signs for its hosts; the fleet's own authority when missing. */
  readonly acme?: Acme;
}

export type Images =
  | { readonly source: "packages" }
  /** Each pinned by digest. */
  | { readonly source: "registry"; readonly odoo: string; readonly postgres: string; readonly traefik: string };

export type RegionEngine =
  | { readonly kind: "docker"; readonly subnets: string }
  | { readonly kind: "kubernetes"; readonly context: string };

export interface Region {
  readonly name: string;
  readonly engine: RegionEngine;
  /** ISO 3166 code of the country whose law applies. */
  readonly jurisdiction: string;
  readonly role: "active" | "limited" | "warm-standby";
}

export interface Pool {
  readonly name: string;
  readonly region: string;
  readonly tier: string;
  readonly series: Series;
  /** Installed in the template; sorted. */
  readonly modules: readonly string[];
  readonly postgres: PostgresShape;
}

/** The PostgreSQL server of a pool, or of an environment that has its own. */
export interface PostgresShape {
  readonly memoryBytes: number;
  readonly maxConnections: number;
  /** Not limited when missing. */
  readonly storageBytes?: number;
  readonly replica: Tier["replica"];
}

/** How many processes do what, and within how much memory. */
export interface Sizes {
  readonly web: { readonly processes: number; readonly memoryBytes: number };
  readonly websocket: { readonly memoryBytes: number };
  readonly cron: { readonly threads: number; readonly memoryBytes: number };
  readonly jobs: { readonly slots: number; readonly memoryBytes: number };
  readonly report: { readonly processes: number; readonly memoryBytes: number };
  readonly integration: { readonly processes: number; readonly memoryBytes: number };
}

/** Walls for all processes of an environment together; what is missing is not limited. */
export interface Quotas {
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly pids?: number;
  readonly diskBytes?: number;
  readonly connections?: number;
  readonly cronThreads?: number;
  readonly jobSlots?: number;
}

export interface Tenant {
  readonly name: string;
  readonly renamedFrom?: string;
  readonly owner: { readonly name: string; readonly email: string };
  readonly calendar: string;
  /** Countries in which the data may lie; anywhere when missing. */
  readonly residency?: readonly string[];
  readonly integrations: readonly string[];
  readonly environments: readonly Environment[];
}

export type EnvironmentName = "production" | "staging" | "development" | "recovery";

interface EnvironmentBase {
  /** `central/production`. */
  readonly address: string;
  readonly tenant: string;
  readonly name: EnvironmentName;
  /** Of a shared environment: the region of its pool. */
  readonly region: string;
  readonly calendar: string;
  readonly tier: string;
  readonly series: Series;
  /** Of a shared environment: those of its pool's template. */
  readonly modules: readonly string[];
  readonly host: string;
  readonly sizes: Sizes;
  readonly quotas: Quotas;
  /** Closed to everybody, its processes stopped, its data kept. */
  readonly suspended: boolean;
  readonly copyOf?: EnvironmentName;
  readonly release?: string;
}

export interface SharedEnvironment extends EnvironmentBase {
  readonly hosting: "shared";
  readonly pool: string;
}

export interface OwnEnvironment extends EnvironmentBase {
  readonly hosting: "isolated" | "dedicated";
  readonly postgres: PostgresShape;
}

export type Environment = SharedEnvironment | OwnEnvironment;

/** Where an effective value comes from. */
export type Source =
  | { readonly kind: "file"; readonly at: string }
  | { readonly kind: "tier"; readonly tier: string; readonly at?: string }
  | { readonly kind: "pool"; readonly pool: string }
  | { readonly kind: "fleet"; readonly at?: string }
  | { readonly kind: "default" };

/** One effective value, as it is shown to people. */
export interface Effective {
  readonly field: string;
  readonly value: string;
  readonly source: Source;
  readonly because?: string;
}

/**
 * A fleet that was found free of errors, and where everything in it came from.
 * Addresses: `fleet`, `region/here`, `calendar/dispatch`, `pool/shared`, `tier/business` and so on for each kind, a tenant `hamburg`, an environment `hamburg/production`.
 */
export interface LoadedFleet {
  readonly fleet: Fleet;
  readonly addresses: readonly string[];
  /** Every effective value of an address; empty when there is no such address. */
  effectiveOf(address: string): readonly Effective[];
  sourceOf(address: string, field: string): Source | undefined;
  /** `file:line:column` of the declaration, `built in` of what every fleet has; the address itself when there is none. */
  placeOf(address: string): string;
}
