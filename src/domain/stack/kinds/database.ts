import type { DataSource } from "../data-source.ts";
import { downFromThenOn, downtimeAbout, type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** One database with its own role, cloned from a template and re-keyed before anybody can reach it. */
export interface DatabaseSpec {
  readonly name: string;
  readonly role: string;
  /** PostgreSQL's CONNECTION LIMIT of the role. */
  readonly connectionLimit: number;
  readonly series: string;
  /** Settings of the role, which its sessions cannot lift. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where reports call back, inside the boundary. */
  readonly reportUrl: string;
  /** Mail of a neutralised copy goes here and no further; nowhere at all when missing. */
  readonly mailTo?: { readonly host: string; readonly port: number };
  /** Bytes beyond which its size is reported; nothing is cut off. */
  readonly diskQuotaBytes?: number;
  /** The only URL under which the tenant is known; frozen in the database. */
  readonly baseUrl: string;
  /** True outside production: mail, carriers, payment and crons are switched off after cloning. */
  readonly neutralised: boolean;
  /** The login of the first administrator. */
  readonly adminLogin: string;
  /** Counts up when Odoo's own `database.secret` is rotated, which signs sessions and links in mails. Missing for the one it was born with. */
  readonly secretGeneration?: number;
  /** Where its data come from when it is made; from the template when missing. */
  readonly source?: DataSource;
}

export const database: KindFacts = {
  title: "database",
  holdsData: true,
  runs: false,
  usualSeconds: 1,
  longerSeconds: (spec) => ("source" in spec ? 60 : undefined),
  fixed: { name: "refuse", role: "refuse", series: "refuse", neutralised: "refuse", adminLogin: "refuse" },
  fixedUses: ["sql"],
  fitsUsers: ["connectionLimit", "reportUrl"],
  updateImpact(fields) {
    // Odoo is closed out from here on until it knows the new password.
    if (fields.includes("role-password")) return downtimeAbout(5, "rotation, Odoo restarts");
    // Links in mails and reports lead there, so it changes together with the route.
    return fields.includes("baseUrl") ? downFromThenOn("its address changes") : NO_DOWNTIME;
  },
};
