import type { Problem } from "../../kernel/problem.ts";
import type { Declarations, Declared } from "./declared.ts";
import { KINDS, type Kind } from "./schema/kinds.ts";
import type { Path } from "./source.ts";

const CODE = "BAL-B085";

/**
 * What the language knows and this version does nothing with: it is checked, and shown by `explain`, and changes nothing of what runs.
 * A path stands for what lies below it too; `*` is any name. Who makes a field real removes its line. What people write for people (owners, reasons,
 * tickets, what is done by hand) is not here: being read is its effect.
 */
export const WITHOUT_EFFECT: Readonly<Record<Kind, readonly string[]>> = {
  Fleet: ["spec.operatingModel"],
  Region: [],
  Tier: [
    "spec.objectives",
    "spec.backup",
    "spec.proofEvery",
    "spec.disasterRecovery",
    "spec.approvals",
    "spec.rollout",
    "spec.degradationOrder",
  ],
  Calendar: [],
  Pool: ["spec.postgres.storage"],
  Tenant: ["spec.environments.*.postgres.storage", "spec.environments.*.release"],
  Process: ["spec.criticality", "spec.models", "spec.routes", "spec.jobs", "spec.objective", "spec.degraded"],
  Integration: ["spec.zone", "spec.timeout", "spec.retryBudget", "spec.circuitBreaker", "spec.rate", "spec.onFailure", "spec.credential"],
  Release: ["spec.image", "spec.addons"],
  Waiver: [],
};

/** Whether a field has no effect, by its path in the schema: `spec.environments.production.release`. */
export function isWithoutEffect(kind: Kind, path: string): boolean {
  const segments = path.replaceAll("[]", "").split(".");
  return WITHOUT_EFFECT[kind].some((pattern) =>
    pattern.split(".").every((part, at) => part === segments[at] || (part === "*" && segments[at] !== undefined)),
  );
}

/** One warning for each field that is declared and has no effect, at the field. */
export function effectlessWarnings(declarations: Declarations): readonly Problem[] {
  return KINDS.flatMap((kind) =>
    [...declarations[kind].values()].flatMap((declared: Declared) => {
      if (declared.content === undefined) return [];
      const paths = WITHOUT_EFFECT[kind].flatMap((pattern) => declaredAt(declared.content, pattern.split(".")));
      return paths.map((path) => warningAt(declared, path));
    }),
  );
}

/** Where something is declared that a pattern means. */
function declaredAt(content: unknown, [first, ...rest]: readonly string[]): readonly Path[] {
  if (content === undefined) return [];
  if (first === undefined) return [[]];
  if (typeof content !== "object" || content === null) return [];
  const keys = first === "*" ? Object.keys(content) : Object.hasOwn(content, first) ? [first] : [];
  return keys.flatMap((key) => declaredAt((content as Record<string, unknown>)[key], rest).map((path) => [key, ...path]));
}

function warningAt({ kind, name, source }: Declared, path: Path): Problem {
  const [address, field] = addressed(kind, name, path.slice(1).map(String));
  const message = `${address}: ${field} has no effect in this version`;
  const hint = "it is kept and shown; nothing that runs is otherwise for it";
  return { code: CODE, severity: "warning", at: source.placeOf(path, "key"), address, message, hint };
}

function addressed(kind: Kind, name: string, [first = "", second = "", ...rest]: readonly string[]): readonly [string, string] {
  if (kind === "Tenant" && first === "environments") return [`${name}/${second}`, rest.join(".")];
  const field = [first, second, ...rest].filter((part) => part !== "").join(".");
  if (kind === "Fleet") return ["fleet", field];
  return [kind === "Tenant" ? name : `${kind.toLowerCase()}/${name}`, field];
}
