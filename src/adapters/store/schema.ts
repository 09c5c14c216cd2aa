import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { Json } from "../../kernel/canonical.ts";

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type JsonColumn = JSONColumnType<{ readonly [key: string]: Json | undefined }>;

/** The tables of the control plane's own store. Workflow state lives beside them in the schema `dbos`. */
export interface Tables {
  readonly setting: { readonly key: string; readonly value: JsonColumn };
  readonly revision: {
    readonly hash: string;
    readonly files: JSONColumnType<readonly { readonly path: string; readonly text: string }[]>;
    readonly created_at: Timestamp;
  };
  readonly secret: {
    readonly address: string;
    readonly generation: number;
    readonly sealed: Buffer;
    readonly created_at: Timestamp;
  };
  readonly operation: {
    readonly id: string;
    readonly verb: string;
    readonly stack: string | null;
    readonly parent: string | null;
    readonly state: string;
    readonly actor: string;
    readonly request: JsonColumn;
    readonly result: JsonColumn | null;
    readonly created_at: Timestamp;
    readonly finished_at: Timestamp | null;
  };
  readonly operation_event: {
    readonly seq: Generated<string>;
    readonly operation: string;
    readonly root: string;
    /** Given by the step, so that a step that runs twice writes one event. */
    readonly key: string;
    readonly at: Timestamp;
    readonly kind: string;
    readonly subject: string;
    readonly text: string;
  };
  readonly data_record: { readonly node: string; readonly record: JsonColumn };
  readonly lease: { readonly stack: string; readonly operation: string; readonly since: Timestamp };
  readonly ledger: {
    readonly seq: string;
    readonly at: string;
    readonly entry: string;
    readonly hash: string;
  };
}
