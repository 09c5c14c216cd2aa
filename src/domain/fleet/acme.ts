/** An authority that signs by ACME (RFC 8555), and what must be known to ask it. */
export interface Acme {
  readonly email: string;
  /** URL of its directory. */
  readonly directory: string;
  /** PEM; one that systems trust by themselves has none. */
  readonly roots?: string;
  /** The private range in which its directory lies. */
  readonly network?: string;
}
