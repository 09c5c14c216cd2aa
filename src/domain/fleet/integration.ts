import type { Criticality } from "./processes.ts";
import type { Rate } from "./schema/measures.ts";

/** A system of somebody else that tenants talk to. */
export interface Integration {
  readonly name: string;
  readonly type: "carrier" | "edi" | "marketplace" | "wms" | "payment" | "other";
  readonly url: string;
  readonly owner?: { readonly name: string; readonly email: string };
  /** Time zone of the other end. */
  readonly zone?: string;
  readonly criticality: Criticality;
  readonly timeoutSeconds: number;
  /** Most retries, as a share of the calls. */
  readonly retryBudgetPercent: number;
  readonly circuitBreaker: { readonly failures: number; readonly openForSeconds: number };
  /** Not limited when missing. */
  readonly rate?: Rate;
  readonly onFailure: "queue" | "manual" | "reject";
  /** Where copies call; nobody when missing. */
  readonly sandbox?: string;
  /** Range of addresses in which its hosts lie, where that is a private network. */
  readonly network?: string;
  /** Exact paths at which it may call back. */
  readonly inbound: readonly string[];
  /** A name, never a value. */
  readonly credential?: string;
}
