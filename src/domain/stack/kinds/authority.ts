import { type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** The fleet's own certificate authority. Its key stays sealed; it can sign for the domain and nothing else (RFC 5280 4.2.1.10). */
export interface AuthoritySpec {
  readonly domain: string;
  readonly validDays: number;
  /** Counts up when it is rotated; the first when missing. People must then trust the new one. */
  readonly generation?: number;
}

export const authority: KindFacts = {
  title: "certificate authority",
  holdsData: false,
  runs: false,
  usualSeconds: 0.1,
  closesWhenGone: "every browser refuses what another authority signs",
  fixed: { domain: "remake" },
  updateImpact: () => NO_DOWNTIME,
};
