import { type Checked, concluded, type Problem } from "../../kernel/problem.ts";
import type { Environment, LoadedFleet, Tenant } from "../fleet/model.ts";
import { RUNNABLE_SERIES } from "../odoo/series.ts";
import type { Stack, StackId } from "../stack/node.ts";
import type { CompileContext } from "./context.ts";
import { cloneStack, environmentStack } from "./environment.ts";
import { FIRST_GENERATIONS, withGenerations } from "./generations.ts";
import { platformStack } from "./platform.ts";
import { poolStack } from "./pool.ts";

export interface Compiled {
  /** Every stack of the fleet, by id, platform and pools before those who use them. */
  readonly stacks: ReadonlyMap<StackId, Stack>;
  cloneOf(stack: StackId): Stack | undefined;
  /** The stacks whose data a renamed tenant's stacks take over: new id → former id. */
  readonly formerly: ReadonlyMap<StackId, StackId>;
}

/** The one bridge from the fleet to the graph. Deterministic: the same fleet and context give the same stacks. */
export function compile(loaded: LoadedFleet, context: CompileContext, { accepted }: Standing = { accepted: false }): Checked<Compiled> {
  const { compiled, problems } = compileWhole(loaded, context);
  return concluded(compiled, accepted ? problems.map(asAccepted) : problems);
}

interface Standing {
  /** True of files that are in force: a rule that came later and leaves nothing out of the graph is told of them, and does not make them unreadable. */
  readonly accepted: boolean;
}

/** A pool without an image is not in the graph at all, so that would be read as undeclared: such a limit stays an error. */
function asAccepted(problem: Problem): Problem {
  return problem.code === "BAL-B001" ? { ...problem, severity: "warning" } : problem;
}

/** The same, with the graph even where this version could not make it real: for those who only look at it. */
export function compileWhole(
  loaded: LoadedFleet,
  context: CompileContext,
): { readonly compiled: Compiled; readonly problems: readonly Problem[] } {
  const { fleet } = loaded;
  const problems = limits(loaded);
  const environments = fleet.tenants.flatMap((tenant) => tenant.environments);
  const pools = fleet.pools.filter((pool) => problemsOfSeries(loaded, `pool/${pool.name}`, pool.series).length === 0);
  const used = new Set([...pools, ...environments].map((one) => one.region));
  const regions = fleet.regions.filter((region) => used.has(region.name));
  const formerly = new Map(fleet.tenants.flatMap(formerStacks));
  const generations = context.generations ?? FIRST_GENERATIONS;
  const stacks: readonly Stack[] = [
    ...regions.map((region) => platformStack(loaded, region, context)),
    ...pools.map((pool) => poolStack(loaded, pool, context)),
    ...environments.map((environment) => environmentStack(loaded, environment, context)),
  ].map((stack) => named(withGenerations(stack, generations, formerly), formerly));
  const byAddress = new Map(environments.map((environment) => [environment.address, environment]));
  const compiled: Compiled = {
    stacks: new Map(stacks.map((stack) => [stack.id, stack])),
    formerly,
    cloneOf(stack) {
      const environment = byAddress.get(stack);
      if (environment === undefined) return undefined;
      return withGenerations(cloneStack(loaded, environment, context), generations, formerly);
    },
  };
  return { compiled, problems };
}

function named(stack: Stack, formerly: ReadonlyMap<StackId, StackId>): Stack {
  const former = formerly.get(stack.id);
  return former === undefined ? stack : { ...stack, formerly: former };
}

function formerStacks({ environments, renamedFrom }: Tenant): readonly (readonly [StackId, StackId])[] {
  if (renamedFrom === undefined) return [];
  return environments.map((environment) => [environment.address, `${renamedFrom}/${environment.name}`]);
}

/** What the language knows and this version cannot make real is refused by name, not left out. */
function limits(loaded: LoadedFleet): readonly Problem[] {
  const { fleet } = loaded;
  const environments = fleet.tenants.flatMap((tenant) => tenant.environments);
  const kubernetes = fleet.regions.filter((region) => region.engine.kind !== "docker");
  return [
    ...kubernetes.map((region) =>
      limit(loaded, "BAL-B003", `region/${region.name}`, "engine kubernetes cannot be used by this version yet; docker can"),
    ),
    ...fleet.regions
      .slice(1)
      .map((region) =>
        limit(
          loaded,
          "BAL-B004",
          `region/${region.name}`,
          `this version realises one region a fleet; ${fleet.regions[0]?.name} is the first`,
        ),
      ),
    ...fleet.pools.flatMap((pool) => problemsOfSeries(loaded, `pool/${pool.name}`, pool.series)),
    ...environments
      .filter((environment) => environment.hosting !== "shared")
      .flatMap((environment) => problemsOfSeries(loaded, environment.address, environment.series)),
    ...environments.flatMap((environment) => problemsOfHosting(loaded, environment)),
  ];
}

/** Dedicated means the machine too: on Docker a region is one machine, so its tenant must be alone in it. */
function problemsOfHosting(loaded: LoadedFleet, environment: Environment): readonly Problem[] {
  if (environment.hosting !== "dedicated") return [];
  const { pools, tenants } = loaded.fleet;
  const neighbours = [
    ...pools.filter((pool) => pool.region === environment.region).map((pool) => `pool/${pool.name}`),
    ...tenants
      .flatMap((tenant) => tenant.environments)
      .filter((other) => other.region === environment.region && other.tenant !== environment.tenant)
      .map((other) => other.address),
  ];
  if (neighbours.length === 0) return [];
  const message = `hosting dedicated needs the machine of region ${environment.region} for itself, and ${neighbours.join(", ")} runs there too; isolated shares the machine and nothing else`;
  return [limit(loaded, "BAL-B001", environment.address, message)];
}

function problemsOfSeries(loaded: LoadedFleet, address: string, series: string): readonly Problem[] {
  if (RUNNABLE_SERIES.includes(series)) return [];
  const message = `Odoo ${series} cannot be run by this version yet: there is no image of it; there are images of ${RUNNABLE_SERIES.join(" and ")}`;
  return [limit(loaded, "BAL-B002", address, message)];
}

function limit(loaded: LoadedFleet, code: string, address: string, message: string): Problem {
  return { code, severity: "error", at: loaded.placeOf(address), address, message: `${address}: ${message}` };
}
