import type { KnownSeries } from "../known-series.ts";

/** A number, or a few, that a tenant's own tables tell about its business. */
export interface Signal {
  readonly name: string;
  /** What a row says, for people. */
  readonly tells: string;
  /** `table` or `table.column`, all of which must be there: which are depends on the installed modules. */
  readonly needs: readonly string[];
  /**
   * One statement that only reads. All times in Odoo's tables are UTC without a zone, hence `now() at time zone 'utc'`. To be run by a role that may only
   * read, with a statement_timeout of two seconds.
   */
  readonly sql: string;
}

/** One concern's signals in a series. */
export type SignalsOf = (series: KnownSeries) => readonly Signal[];

/** Now, as Odoo's columns hold it. */
export const UTC_NOW = "(now() at time zone 'utc')";
/** Tables grow; signals look a day back. */
export const A_DAY_AGO = `${UTC_NOW} - interval '24 h'`;
