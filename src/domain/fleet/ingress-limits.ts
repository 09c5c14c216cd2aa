import type { Rate } from "./schema/measures.ts";

/** What one client may ask of one environment: a client is an address (an IPv6 network of 64 bits counts as one). */
export interface IngressLimits {
  /** Largest body of a request. */
  readonly bodyBytes: number;
  /** Largest body where nobody is known yet, and of calls by other systems. */
  readonly callBodyBytes: number;
  readonly requests: Rate;
  /** Requests that are answered at once; open websockets do not count. */
  readonly requestsAtOnce: number;
  readonly logins: Rate;
  readonly calls: Rate;
  readonly reports: Rate;
  /** Reports that are made at once. */
  readonly reportsAtOnce: number;
}
