import { type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** The attachments of one database: content-addressed files, cloned together with the database. */
export interface FilestoreSpec {
  /** The database whose files these are; Odoo names the folder after it. */
  readonly database: string;
}

export const filestore: KindFacts = {
  title: "filestore",
  holdsData: true,
  ifReplaced: "lost",
  runs: false,
  usualSeconds: 0.3,
  fixed: { database: "refuse" },
  fixedUses: ["clone"],
  updateImpact: () => NO_DOWNTIME,
};
