import type { Environment } from "../../domain/fleet/model.ts";

/**
 * Which of the environments that were just made run the whole journey on an ephemeral clone: one for each template that they were cloned from,
 * production first. What works on one copy of a template works on the next; of the others it is enough that they answer.
 */
export function fullJourneys(made: readonly Environment[]): ReadonlySet<string> {
  const chosen = new Map<string, string>();
  for (const environment of [...made].sort((a, b) => rank(a) - rank(b))) {
    const template = templateOf(environment);
    if (!chosen.has(template)) chosen.set(template, environment.address);
  }
  return new Set(chosen.values());
}

function rank({ name }: Environment): number {
  return name === "production" ? 0 : 1;
}

function templateOf(environment: Environment): string {
  if (environment.hosting === "shared") return `pool/${environment.pool}`;
  return [environment.tenant, environment.series, ...environment.modules].join(" ");
}
