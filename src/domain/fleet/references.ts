import { suggestion } from "../../kernel/distance.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { Declarations } from "./declared.ts";
import { shown } from "./issues.ts";
import { PROCESS_NAMES } from "./processes.ts";
import type { Kind } from "./schema/kinds.ts";
import type { Path, SourceDocument } from "./source.ts";
import { TIER_NAMES } from "./tiers.ts";

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
  for (const { source } of declarations.Pool.values()) follow(source, POOL_REFERENCES, declarations, problems);
  for (const { source } of declarations.Tenant.values()) follow(source, tenantReferences(source.value), declarations, problems);
  return problems;
}

const POOL_REFERENCES: readonly Reference[] = [
  { path: ["spec", "region"], to: "Region" },
  { path: ["spec", "tier"], to: "Tier" },
];

/** What is there without being declared. */
const BUILT_IN: { readonly [K in Kind]?: readonly string[] } = { Tier: TIER_NAMES, Process: PROCESS_NAMES };

function tenantReferences(value: unknown): Reference[] {
  const environments = Object.keys(mapping(at(value, ["spec", "environments"])));
  const integrations = at(value, ["spec", "integrations"]);
  return [
    { path: ["spec", "calendar"], to: "Calendar" },
    ...(Array.isArray(integrations) ? integrations : []).map(
      (_, index): Reference => ({ path: ["spec", "integrations", index], to: "Integration" }),
    ),
    ...environments.flatMap((name): Reference[] => [
      { path: ["spec", "environments", name, "pool"], to: "Pool" },
      { path: ["spec", "environments", name, "region"], to: "Region" },
      { path: ["spec", "environments", name, "tier"], to: "Tier" },
      { path: ["spec", "environments", name, "release"], to: "Release" },
    ]),
  ];
}

function follow(source: SourceDocument, references: readonly Reference[], declarations: Declarations, problems: Problem[]): void {
  for (const { path, to } of references) {
    const name = at(source.value, path);
    const always = BUILT_IN[to] ?? [];
    if (typeof name !== "string" || declarations[to].has(name) || always.includes(name)) continue;
    const known = [...new Set([...always, ...declarations[to].keys()])];
    const choice = known.length === 0 ? `no ${to} is declared` : `one of: ${listed(known)}`;
    const field = typeof path.at(-1) === "number" ? path.at(-2) : path.at(-1);
    const message = `${String(field)} ${shown(name)} is not declared; ${choice}${suggestion(name, known)}`;
    problems.push({ code: "BAL-F025", severity: "error", at: source.placeOf(path), message });
  }
}

function listed(names: readonly string[]): string {
  const sorted = [...names].sort();
  return sorted.length <= 8 ? sorted.join(", ") : `${sorted.slice(0, 8).join(", ")} and ${sorted.length - 8} more`;
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, segment) => {
    if (Array.isArray(inner)) return inner[Number(segment)] as unknown;
    return Object.hasOwn(mapping(inner), segment) ? mapping(inner)[String(segment)] : undefined;
  }, value);
}
