import type { Instant } from "../../kernel/instant.ts";
import type { Generations } from "./generations.ts";

/** What the fleet does not say and a compilation must know. Gathered outside, handed in whole. */
export interface CompileContext {
  /** Image references by recipe: `odoo-19` → `ballast/odoo-19:1f2e…`. */
  readonly images: Readonly<Record<string, string>>;
  /** Where the ingress listens: declared, or chosen once and kept. */
  readonly ingress: { readonly address: string; readonly port: number };
  /** Counts up while certificates last: see `certificateGeneration`. */
  readonly certificateGeneration: number;
  /** Which secrets were rotated; none when missing. */
  readonly generations?: Generations;
}

/** Stands where an image's reference will stand once it is built. */
export const UNBUILT_IMAGE = "(built when applied)";

const DAY_MS = 86_400_000;
/** A certificate is issued for this long, below what browsers accept at most of any authority (398 days). */
export const CERTIFICATE_DAYS = 397;
/** A new one is wanted this often, so that each has more than half of its life left when the next is applied. */
const RENEW_DAYS = 180;

/** The number of the certificate that is wanted at an instant: the next `apply` after it went up issues a new one, without downtime. */
export function certificateGeneration(now: Instant): number {
  return Math.floor(now / (RENEW_DAYS * DAY_MS));
}

/** The recipe that serves a series. */
export function odooRecipe(series: string): string {
  return `odoo-${series.split(".")[0]}`;
}
