declare const LISTED: unique symbol;

/** One statement of the lists of what the superuser runs; nothing else can be made into one. */
export interface ServerStatement<Row extends object = Record<string, unknown>> {
  readonly text: string;
  readonly values: readonly string[];
  readonly [LISTED]: Row;
}

/** For those lists only, as a test says. */
export function listed<Row extends object = Record<string, unknown>>(text: string, values: readonly string[] = []): ServerStatement<Row> {
  return { text, values } as unknown as ServerStatement<Row>;
}
