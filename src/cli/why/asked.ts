/** What somebody wants to know the reason of. */
export interface Asked {
  readonly folder?: string;
  readonly subject: string;
  /** With a code: where it is meant. */
  readonly address?: string;
}
