import { canonicalJson, type Json } from "../../kernel/canonical.ts";
import type { AnyNode } from "./node.ts";

/** One field that differs between two declarations of a node. `undefined` means that the side does not have it. */
export interface FieldChange {
  /** Dotted path inside the spec, or `uses` for the edges. */
  readonly field: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

type Declared = Pick<AnyNode, "spec" | "uses">;

/** Names every field in which two declarations of one node differ; empty exactly when their hashes agree. */
export function compareNodes(before: Declared, after: Declared): readonly FieldChange[] {
  const changes = compareFields("", before.spec as unknown as Json, after.spec as unknown as Json);
  const usesBefore = edgeTexts(before);
  const usesAfter = edgeTexts(after);
  if (canonicalJson(usesBefore) === canonicalJson(usesAfter)) return changes;
  return [...changes, { field: "uses", before: usesBefore, after: usesAfter }];
}

function edgeTexts(node: Declared): readonly string[] {
  return node.uses.map((edge) => `${edge.as} ${edge.to}`).sort();
}

function compareFields(path: string, before: Json | undefined, after: Json | undefined): readonly FieldChange[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => compareFields(path === "" ? key : `${path}.${key}`, before[key], after[key]));
  }
  const same = before === undefined || after === undefined ? before === after : canonicalJson(before) === canonicalJson(after);
  return same ? [] : [{ field: path, before, after }];
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
