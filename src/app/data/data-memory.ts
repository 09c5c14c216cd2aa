import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import type { DataRecordCopy } from "../../adapters/store/data-records.ts";
import type { Store } from "../../adapters/store/store.ts";
import type { DataRecord, DataRecords } from "../../domain/stack/data-record.ts";
import type { NodeId } from "../../domain/stack/node.ts";
import { canonicalJson, type Json } from "../../kernel/canonical.ts";
import { failure } from "../../kernel/problem.ts";
import type { KeptFile } from "../serve/kept-files.ts";

/** What is remembered of everything that holds data, outside of it. */
export interface DataMemory {
  records(): DataRecords;
  /**
   * Keeps and forgets at once; what is remembered already and would not change is not written again. What was seen, and not done, comes with the moment at
   * which it was asked for: it changes nothing about nodes that were changed since.
   */
  change(keep: readonly DataRecord[], forget: readonly NodeId[], askedAt?: Moment): Promise<void>;
  /** This moment, in the order of the changes. An observation is asked for at one, and ends at a later one. */
  moment(): Moment;
  /** Whether what exists under this name may be other than it was at a moment: it was made, removed, taken over or adopted since, or is about to be. */
  changedSince(node: NodeId, moment: Moment): boolean;
  /** Does work that makes or removes a node: until its end it cannot be determined, by looking, whether it is there. */
  whileChanging<T>(node: NodeId, work: () => Promise<T>): Promise<T>;
  /** The copy beside the store, which is written again where it does not say what was written. */
  readonly files: readonly KeptFile[];
}

/** How many changes had been written by then. */
export type Moment = number;

export interface DataMemoryParts {
  readonly store: Pick<Store, "dataRecords" | "changeDataRecords" | "replaceDataRecords">;
  /** Where the copy lies, beside the store, so that a lost store does not lose it. */
  readonly folder: string | undefined;
  /** Told of a copy that cannot be read. */
  readonly fault: (error: unknown) => void;
}

const FILE = "data-records.json";
const ACCESS = { mode: 0o600 };

const RecordShape = z.object({
  node: z.string(),
  kind: z.string(),
  since: z.string(),
  operation: z.string().optional(),
  identity: z.string().optional(),
  takesOver: z.string().optional(),
  declared: z.object({ spec: z.record(z.string(), z.unknown()), uses: z.array(z.object({ to: z.string(), as: z.string() })) }),
});
const CopyShape = z.object({ sequence: z.number().int(), records: z.array(RecordShape) });

/**
 * Opens the memory. It lies in the store and in a file beside it; the file is written second, so that one with a higher sequence was written by a store
 * that is lost, or that this one is an older copy of: then the file is the truth.
 */
export async function openDataMemory(parts: DataMemoryParts): Promise<DataMemory> {
  const { store } = parts;
  const inFile = readCopy(parts);
  let copy = await store.dataRecords();
  if (inFile !== undefined && inFile.sequence > copy.sequence) {
    await store.replaceDataRecords(inFile);
    copy = inFile;
  }
  const records = new Map(copy.records.map((record) => [record.node, record]));
  const file = copyFile(parts, copy);
  const changes = createChanges();
  let last: Promise<void> = Promise.resolve();
  async function write(keep: readonly DataRecord[], forget: readonly NodeId[], askedAt?: Moment): Promise<void> {
    const isOld = (node: NodeId) => askedAt !== undefined && changes.changedSince(node, askedAt);
    const fresh = keep.filter((record) => !isSame(records.get(record.node), record) && !isOld(record.node));
    const gone = forget.filter((node) => records.has(node) && !isOld(node));
    if (fresh.length + gone.length === 0) return;
    const sequence = await store.changeDataRecords(fresh, gone);
    changes.count([...fresh.filter((record) => isAnother(records.get(record.node), record)).map(({ node }) => node), ...gone]);
    for (const record of fresh) records.set(record.node, record);
    for (const node of gone) records.delete(node);
    file?.write({ sequence, records: [...records.values()] });
  }
  return {
    files: file === undefined ? [] : [file],
    records: () => records,
    ...changes,
    change(keep, forget, askedAt) {
      // One after the other: what is written last is what is true.
      const written = last.then(() => write(keep, forget, askedAt));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

/** Which nodes came, went or became others, in their order; and which are about to. */
function createChanges(): Pick<DataMemory, "moment" | "changedSince" | "whileChanging"> & { count(nodes: readonly NodeId[]): void } {
  const changedAt = new Map<NodeId, Moment>();
  const changing = new Map<NodeId, number>();
  let now: Moment = 0;
  return {
    count(nodes) {
      if (nodes.length > 0) now += 1;
      for (const node of nodes) changedAt.set(node, now);
    },
    moment: () => now,
    changedSince: (node, moment) => changing.has(node) || (changedAt.get(node) ?? 0) > moment,
    async whileChanging(node, work) {
      changing.set(node, (changing.get(node) ?? 0) + 1);
      try {
        return await work();
      } finally {
        const others = (changing.get(node) ?? 1) - 1;
        if (others > 0) changing.set(node, others);
        else changing.delete(node);
        // Whoever asked meanwhile may have seen it half done.
        changedAt.set(node, (now += 1));
      }
    },
  };
}

/** Whether a record is about another object than the one before. That the identity of the same one became known is no change of it. */
function isAnother(before: DataRecord | undefined, { identity, takesOver }: DataRecord): boolean {
  return before === undefined || before.takesOver !== takesOver || (before.identity !== undefined && before.identity !== identity);
}

function isSame(one: DataRecord | undefined, other: DataRecord): boolean {
  return one !== undefined && canonicalJson(one as unknown as Json) === canonicalJson(other as unknown as Json);
}

function readCopy({ folder, fault }: DataMemoryParts): DataRecordCopy | undefined {
  if (folder === undefined) return undefined;
  const file = join(folder, FILE);
  try {
    return CopyShape.parse(JSON.parse(readFileSync(file, "utf8"))) as unknown as DataRecordCopy;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const hint =
      "it is written again from the store; where the store is lost as well, data that is gone cannot be told from data that never was";
    fault(failure("BAL-S026", file, `cannot be read: ${(error as Error).message}`, { hint, cause: error }));
    return undefined;
  }
}

function copyFile({ folder }: DataMemoryParts, first: DataRecordCopy): (KeptFile & { write(copy: DataRecordCopy): void }) | undefined {
  if (folder === undefined) return undefined;
  const path = join(folder, FILE);
  let text = "";
  function write(copy: DataRecordCopy): void {
    text = `${JSON.stringify(copy)}\n`;
    replaceFileNow(path, text, ACCESS);
  }
  write(first);
  return { path, write, keep: () => replaceFileNow(path, text, ACCESS) };
}
