import { type Kysely, sql } from "kysely";
import { bounded, MESSAGE, NAME } from "../../kernel/foreign-text.ts";
import type { News } from "./news.ts";
import type { Tables } from "./schema.ts";

export interface OperationEvent {
  readonly seq: number;
  readonly operation: string;
  readonly at: Date;
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
}

export interface NewEvent {
  readonly operation: string;
  readonly root: string;
  readonly key: string;
  readonly at: Date;
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
}

/** What operations tell while they run. */
export function eventVerbs(db: Kysely<Tables>, news: Pick<News, "tell">) {
  return {
    async addEvent(event: NewEvent): Promise<void> {
      await db
        .insertInto("operation_event")
        .values({ ...event, subject: bounded(event.subject, NAME), text: bounded(event.text, MESSAGE) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      news.tell(event.root);
    },
    /** Events of an operation and its parts, after a sequence number, in order. */
    async events(root: string, after: number, limit: number): Promise<readonly OperationEvent[]> {
      const rows = await db
        .selectFrom("operation_event")
        .select(["seq", "operation", "at", "kind", "subject", "text"])
        .where("root", "=", root)
        .where(sql<boolean>`seq > ${after}`)
        .orderBy("seq")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
    },
  };
}
