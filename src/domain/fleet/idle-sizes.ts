import type { Problem } from "../../kernel/problem.ts";
import { isCompact, SPLIT_FROM } from "./compact.ts";
import type { Declarations } from "./declared.ts";
import type { Environment, Fleet, Sizes } from "./model.ts";

/** A size that is declared and decides nothing, since what it is the size of does not run by itself. */
interface Idle {
  readonly role: keyof Sizes;
  readonly field: "processes" | "memory";
  readonly because: string;
  readonly hint: string;
}

type Declared = Readonly<Partial<Record<keyof Sizes, Readonly<Record<string, unknown>>>>>;

/** One warning for each size of an environment that changes nothing of what runs, at the size. */
export function idleSizeWarnings({ Tenant }: Declarations, { tenants }: Fleet): readonly Problem[] {
  return tenants.flatMap(({ name, environments }) => {
    const declared = Tenant.get(name);
    return environments.flatMap((environment): readonly Problem[] => {
      const { name: own, address } = environment;
      const sizes = declared?.content?.spec.environments[own]?.sizes as Declared | undefined;
      if (declared === undefined || sizes === undefined) return [];
      return idleSizes(environment, sizes).map(({ role, field, because, hint }): Problem => {
        const at = declared.source.placeOf(["spec", "environments", own, "sizes", role, field], "key");
        const message = `${address}: sizes.${role}.${field} has no effect: ${because}`;
        return { code: "BAL-B085", severity: "warning", at, address, message, hint };
      });
    });
  });
}

const TOGETHER = `with fewer than ${SPLIT_FROM} web processes, and none for jobs, reports or integrations, one threaded process does all`;
const APART = `declare sizes.web.processes: ${SPLIT_FROM} or more, or leave it out`;

function idleSizes({ sizes }: Pick<Environment, "sizes">, declared: Declared): readonly Idle[] {
  const written = (role: keyof Sizes, field: string) => declared[role]?.[field] !== undefined;
  const found: Idle[] = [];
  if (isCompact(sizes)) {
    // One is what runs. More than one at least asks for more memory, where that is not declared itself.
    if (written("web", "processes") && sizes.web.processes > 1) {
      const memory = written("web", "memory") ? "" : "; its memory alone follows from the number";
      found.push({ role: "web", field: "processes", because: `${TOGETHER}${memory}`, hint: APART });
    }
    for (const role of ["websocket", "cron"] as const)
      if (written(role, "memory"))
        found.push({ role, field: "memory", because: TOGETHER, hint: "its memory is sizes.web.memory: declare that" });
  }
  const none = { jobs: sizes.jobs.slots, report: sizes.report.processes, integration: sizes.integration.processes };
  const unit = { jobs: "slots", report: "processes", integration: "processes" } as const;
  for (const role of ["jobs", "report", "integration"] as const)
    if (written(role, "memory") && none[role] === 0)
      found.push({
        role,
        field: "memory",
        because: `sizes.${role}.${unit[role]} is 0`,
        hint: `declare sizes.${role}.${unit[role]}: 1 or more, or leave it out`,
      });
  return found;
}
