import type { Kysely } from "kysely";
import type { Tables } from "./schema.ts";

export interface Lease {
  readonly operation: string;
  readonly since: Date;
}

/** One operation at a time holds a stack. */
export function leaseVerbs(db: Kysely<Tables>) {
  return {
    /** Takes the lease, or returns who holds it. Taking it again by the same operation changes nothing. */
    async takeLease(stack: string, operation: string, at: Date): Promise<Lease> {
      // An operation that has ended, or is forgotten since, holds nothing, even if it could not say so at its end.
      const running = db.selectFrom("operation").select("id").where("state", "=", "running");
      await db.deleteFrom("lease").where("stack", "=", stack).where("operation", "not in", running).execute();
      await db
        .insertInto("lease")
        .values({ stack, operation, since: at })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return await db.selectFrom("lease").select(["operation", "since"]).where("stack", "=", stack).executeTakeFirstOrThrow();
    },
    /** Everything that an operation holds. */
    async releaseLeases(operation: string): Promise<void> {
      await db.deleteFrom("lease").where("operation", "=", operation).execute();
    },
    /** Leases whose operation has ended or is forgotten hold nothing. */
    async releaseEndedLeases(): Promise<void> {
      const running = db.selectFrom("operation").select("id").where("state", "=", "running");
      await db.deleteFrom("lease").where("operation", "not in", running).execute();
    },
    /** The stacks that are held now, by operations that run. */
    async leasedStacks(): Promise<readonly string[]> {
      const running = db.selectFrom("operation").select("id").where("state", "=", "running");
      const rows = await db.selectFrom("lease").select("stack").where("operation", "in", running).execute();
      return rows.map((row) => row.stack);
    },
    async leaseOf(stack: string): Promise<Lease | undefined> {
      return await db.selectFrom("lease").select(["operation", "since"]).where("stack", "=", stack).executeTakeFirst();
    },
  };
}
