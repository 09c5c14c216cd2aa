import { bounded, NAME } from "../../kernel/foreign-text.ts";
import type { Edit, ObservedNode } from "./observation.ts";

/** One database of a server, as the server lists it. */
export interface ListedDatabase {
  readonly name: string;
  /** False while nobody may connect to it. */
  readonly open: boolean;
}

export type Standing = Pick<ObservedNode, "condition" | "because" | "edits" | "blocked">;

/**
 * How a whole database stands, compared with how it was made: under its name and open to connections. Only under its name does anybody reach it, so one
 * that was renamed serves nobody. It is named back unless another database has the name now: that one is never overwritten.
 * @param names those of all databases of its server.
 */
export function standingOf(found: ListedDatabase, wanted: string, names: ReadonlySet<string>): Standing {
  const edits: Edit[] = [];
  const why: string[] = [];
  if (found.name !== wanted) {
    const shown = bounded(found.name, NAME);
    edits.push({ field: "name", made: wanted, found: shown, repair: "live" });
    why.push(`is named ${shown} instead of ${wanted}`);
  }
  if (!found.open) {
    edits.push({ field: "open to connections", made: true, found: false, repair: "live", rests: "connections" });
    why.push("accepts no connections");
  }
  if (edits.length === 0) return { condition: "serving" };
  const taken = found.name !== wanted && names.has(wanted);
  const blocked = `its database is named ${bounded(found.name, NAME)}, and another database stands under its name ${wanted}: neither is changed; rename or drop the other one (ALTER DATABASE ${wanted} RENAME TO …)`;
  return { condition: "failing", because: why.join(" and "), edits, ...(taken ? { blocked } : {}) };
}
