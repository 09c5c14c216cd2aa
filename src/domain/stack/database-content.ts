import { type AnyNode, nameOf } from "./node.ts";
import { ADOPTED, type Edit } from "./observation.ts";

/** What of a database says whose it is, as it was read as its tenant's role. */
export interface DatabaseContent {
  /** Tables that every Odoo has, and this database has not. */
  readonly missing: readonly string[];
  /** The address in it, where the table for it is there. */
  readonly url?: string;
  /** Whether Ballast's own key is in it, where the table for it is there. */
  readonly keyed?: boolean;
}

type Declared = Pick<AnyNode, "spec" | "uses">;

/** What is read of a text that a tenant chose. */
export const SHOWN = 120;

/**
 * In what a database is otherwise than what was written into it. What is wanted now is right as well: it is written before its label is, and the process
 * may be killed between the two. A key that is about to be rotated is not asked for.
 */
export function contentEdits(
  content: DatabaseContent,
  { told, wanted }: { readonly told: Declared; readonly wanted: Declared },
): readonly Edit[] {
  const edits: Edit[] = content.missing.map((table) => ({ field: `table ${table}`, made: "there", found: "missing", repair: "report" }));
  const { url, keyed } = content;
  if (url !== undefined && !isOwnAddress(url, [told, wanted]))
    edits.push({ field: "web.base.url", made: addressOf(told), found: url, repair: "report" });
  if (keyed === false && keyGeneration(told) === keyGeneration(wanted))
    edits.push({ field: "Ballast's own API key", made: "there", found: "gone", repair: "report" });
  return edits;
}

/** True of an address that was, or is about to be, written into a database. */
export function isOwnAddress(url: string, declared: readonly Declared[]): boolean {
  return declared.some((one) => addressOf(one).slice(0, SHOWN) === url.slice(0, SHOWN));
}

/** Whether its content can be held against its label: what was adopted was not told yet what is its own. */
export function isTold(hash: string): boolean {
  return hash !== ADOPTED;
}

/** What is told of a database from now on: a read that failed says nothing, and takes nothing back. */
export function afterReading(before: readonly Edit[], read: readonly Edit[] | undefined): readonly Edit[] {
  return read ?? before;
}

function addressOf({ spec }: Declared): string {
  return "baseUrl" in spec ? spec.baseUrl : "";
}

function keyGeneration({ uses }: Declared): number | undefined {
  return uses.find((edge) => edge.as === "credential" && nameOf(edge.to) === "api-key")?.generation;
}
