import type { Instant } from "../../kernel/instant.ts";
import type { NodeId } from "./node.ts";

/** How far a server had written at some moment. */
export interface WritePosition {
  readonly server: NodeId;
  /** PostgreSQL's system identifier: of one cluster and all its copies. */
  readonly system: string;
  /** Bytes of its write-ahead log since it was made, as a decimal number; they only grow, but for a copy that goes on from an earlier moment. */
  readonly written: string;
}

export type KeptPosition = WritePosition & { readonly at: Instant };

/** A server that goes on from an earlier moment than it was seen at: what was written between is gone. */
export interface WentBack {
  readonly server: NodeId;
  /** When it was seen last before. */
  readonly from: Instant;
  /** Bytes of the log between what was there and what is. */
  readonly bytes: string;
}

/**
 * Compares what servers have written with what they were seen to have written. One that cannot be asked now is not among `seen`, and is remembered as it was.
 * Another cluster in the place of one is no older copy of it: its databases are others, and are told as such.
 * @returns what to remember, and which of them went back.
 */
export function comparePositions(
  kept: readonly KeptPosition[],
  seen: readonly WritePosition[],
  now: Instant,
): { readonly next: readonly KeptPosition[]; readonly back: readonly WentBack[] } {
  const known = new Map(kept.map((one) => [one.server, one]));
  const back = seen.flatMap(({ server, system, written }): WentBack[] => {
    const before = known.get(server);
    if (before === undefined || before.system !== system) return [];
    const less = BigInt(before.written) - BigInt(written);
    return less > 0n ? [{ server, from: before.at, bytes: String(less) }] : [];
  });
  for (const one of seen) known.set(one.server, { ...one, at: now });
  return { next: [...known.values()], back };
}
