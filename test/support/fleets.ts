import { explain } from "../../src/domain/fleet/explain.ts";
import { loadFleet } from "../../src/domain/fleet/load.ts";
import type { LoadedFleet } from "../../src/domain/fleet/model.ts";
import type { Checked } from "../../src/kernel/problem.ts";

/** Each text a file of its own: `fleet.yaml`, `fleet-1.yaml` and so on. */
export function load(...texts: readonly string[]): Checked<LoadedFleet> {
  return loadFleet(
    texts.map((text, index) => ({ path: index === 0 ? "fleet.yaml" : `fleet-${index}.yaml`, text })),
    { today: "2026-11-22" },
  );
}

export function loaded(...texts: readonly string[]): LoadedFleet {
  const result = load(...texts);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, undefined, 2));
  return result.value;
}

/** What is said about a fleet, each with its place. */
export function told(result: Checked<unknown>): string[] {
  return (result.ok ? result.warnings : result.problems).map((one) => `${one.at} ${one.code} ${one.severity} ${one.message}`);
}

/** What is said about a fleet with one more document, without the places. */
export function saidWith(fleet: string, kind: string, name: string, spec: string): string[] {
  const result = load(fleet, `apiVersion: ballast.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`);
  return (result.ok ? result.warnings : result.problems).map((one) => `${one.code} ${one.message}`);
}

/** Every effective value of an address, as `value | kind of source | place`. */
export function explained(fleet: LoadedFleet, address: string): Record<string, string> {
  const result = explain(fleet, address);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const shown = result.value.map(({ field, value, source }) => {
    const { kind, ...more } = source;
    return [field, [value, kind, ...Object.values(more)].join(" | ")] as const;
  });
  return Object.fromEntries(shown);
}
