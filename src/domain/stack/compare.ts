import { canonicalJson, type Json } from "../../kernel/canonical.ts";
import { type AnyNode, type Edge, edgeText, nameOf } from "./node.ts";

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
  const rotated = rotatedUses(before.uses, after.uses);
  const [usesBefore, usesAfter] = [placesOf(before.uses), placesOf(after.uses)];
  if (canonicalJson(usesBefore) === canonicalJson(usesAfter)) return [...changes, ...rotated];
  return [...changes, ...rotated, { field: "uses", before: usesBefore, after: usesAfter }];
}

/** What is used, whichever generation of it. */
function placesOf(uses: readonly Edge[]): readonly string[] {
  return uses.map(({ as, to }) => edgeText({ as, to })).sort();
}

/** Secrets of which another generation is wanted, by name: `role-password 1 → 2`. */
function rotatedUses(before: readonly Edge[], after: readonly Edge[]): readonly FieldChange[] {
  return after.flatMap((edge) => {
    const known = before.find((one) => one.as === edge.as && one.to === edge.to);
    if (known === undefined || known.generation === edge.generation) return [];
    return [{ field: nameOf(edge.to), before: known.generation ?? 1, after: edge.generation ?? 1 }];
  });
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
