/** An exception from one policy rule at one address, until a date. */
export interface Waiver {
  readonly name: string;
  /** Code of the rule, `BAL-P` and three digits. */
  readonly rule: string;
  /** The one address that it is for. */
  readonly scope: string;
  readonly reason: string;
  readonly ticket: string;
  readonly owner: string;
  readonly secondSigner: string;
  /** `YYYY-MM-DD`, the last day on which it has an effect. */
  readonly expiresAt: string;
}

/** The waiver because of which a rule does not count at exactly this address today; of several the one that lasts longest. An expired one has no effect. */
export function waiverFor(
  fleet: { readonly waivers: readonly Waiver[] },
  rule: string,
  address: string,
  today: string,
): Waiver | undefined {
  return fleet.waivers
    .filter((waiver) => waiver.rule === rule && waiver.scope === address && waiver.expiresAt >= today)
    .toSorted((a, b) => (a.expiresAt < b.expiresAt ? 1 : a.expiresAt > b.expiresAt ? -1 : 0))[0];
}
