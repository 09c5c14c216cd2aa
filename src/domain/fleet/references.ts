import type { Problem } from "../../kernel/problem.ts";
import type { Declarations } from "./declared.ts";
import { shown, suggestion } from "./issues.ts";
import type { Kind } from "./schema/kinds.ts";
import type { Path, SourceDocument } from "./source.ts";

interface Reference {
  readonly path: Path;
  readonly to: Kind;
}

/**
 * Follows every reference, also of documents that have other faults, so that all is said at once.
 * What is declared but faulty counts as there: its own problems are enough.
 */
export function referenceProblems(declarations: Declarations): Problem[] {
  const problems: Problem[] = [];
  for (const { source } of declarations.Pool.values()) follow(source, [{ path: ["spec", "region"], to: "Region" }], declarations, problems);
  for (const { source } of declarations.Tenant.values()) {
    follow(source, tenantReferences(source.value), declarations, problems);
    problems.push(...integrationWarnings(source));
  }
  return problems;
}

function tenantReferences(value: unknown): Reference[] {
  const environments = Object.keys(mapping(at(value, ["spec", "environments"])));
  return [
    { path: ["spec", "calendar"], to: "Calendar" },
    ...environments.flatMap((name): Reference[] => [
      { path: ["spec", "environments", name, "pool"], to: "Pool" },
      { path: ["spec", "environments", name, "region"], to: "Region" },
    ]),
  ];
}

function follow(source: SourceDocument, references: readonly Reference[], declarations: Declarations, problems: Problem[]): void {
  for (const { path, to } of references) {
    const name = at(source.value, path);
    if (typeof name !== "string" || declarations[to].has(name)) continue;
    const known = [...declarations[to].keys()];
    const choice = known.length === 0 ? `no ${to} is declared` : `one of: ${listed(known)}`;
    const message = `${String(path.at(-1))} ${shown(name)} is not declared; ${choice}${suggestion(name, known)}`;
    problems.push({ code: "BAL-F025", severity: "error", at: source.placeOf(path), message });
  }
}

function listed(names: readonly string[]): string {
  const sorted = [...names].sort();
  return sorted.length <= 8 ? sorted.join(", ") : `${sorted.slice(0, 8).join(", ")} and ${sorted.length - 8} more`;
}

function integrationWarnings(source: SourceDocument): Problem[] {
  const names = at(source.value, ["spec", "integrations"]);
  if (!Array.isArray(names) || names.length === 0) return [];
  const message = `integrations ${names.filter((one) => typeof one === "string").join(", ")}: kind Integration is not part of this version; the names are kept and have no effect`;
  return [{ code: "BAL-F026", severity: "warning", at: source.placeOf(["spec", "integrations"]), message }];
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, segment) => (Object.hasOwn(mapping(inner), segment) ? mapping(inner)[String(segment)] : undefined),
    value,
  );
}
