import type Dockerode from "dockerode";
import type { ObservedNode } from "../../../domain/stack/observation.ts";
import type { Instant } from "../../../kernel/instant.ts";

/** How often a container was started again by the engine until some moment. */
export interface RestartObservation {
  readonly at: Instant;
  readonly restarts: number;
}

/** What one look sees of a container that runs. */
export interface Running extends RestartObservation {
  readonly startedAt: Instant;
  readonly health: "healthy" | "other";
}

const WINDOW_MS = 60_000;
/** So many ends within the window are no accident. */
const MANY = 2;

/**
 * Why a container that runs at this moment does not serve: its process ends again and again, or ended a moment ago and has not shown its health since.
 * Between two ends it looks like any other that runs.
 */
export function crashes(now: Running, earlier: readonly RestartObservation[]): string | undefined {
  const within = earlier.filter((one) => now.at - one.at <= WINDOW_MS && one.restarts <= now.restarts);
  const before = Math.min(now.restarts, ...within.map((one) => one.restarts));
  const lately = now.restarts - before;
  if (lately >= MANY) return `ended ${lately} times within a minute, and was started again each time`;
  const age = now.at - now.startedAt;
  if (now.restarts === 0 || age >= WINDOW_MS || now.health === "healthy") return undefined;
  return `ended by itself, was started again ${Math.max(0, Math.round(age / 1000))} s ago, and has not shown its health yet`;
}

const HOUR_MS = 3_600_000;
/** A process that ends so often within an hour does not serve well, however long it runs in between. */
const OFTEN = 4;

/** How often a container was started again within the last hour, where that is often: at a slower pace it is well at each look. */
export function endsInAnHour(now: RestartObservation, earlier: readonly RestartObservation[]): number | undefined {
  const within = earlier.filter((one) => now.at - one.at <= HOUR_MS && one.at <= now.at && one.restarts <= now.restarts);
  const ends = now.restarts - Math.min(now.restarts, ...within.map((one) => one.restarts));
  return ends >= OFTEN ? ends : undefined;
}

/** Container → what was seen of it within an hour; of looks that saw the same number of restarts in a row the first and the last. */
const seen = new Map<string, readonly RestartObservation[]>();

/** What the restarts of a container say of it. */
export interface Crashing {
  readonly failing?: Pick<ObservedNode, "condition" | "because">;
  readonly endsInAnHour?: number;
}

/**
 * Marks what ends again and again as failing. Remembers what it sees, for the next look.
 * @param asked whether it answers its health check at this moment: asked only where that decides.
 */
export async function crashingOf(found: Dockerode.ContainerInspectInfo, at: Instant, asked: () => Promise<boolean>): Promise<Crashing> {
  if (!found.State.Running || found.State.Paused) return {};
  const earlier = (seen.get(found.Id) ?? [madeAt(found)]).filter((one) => at - one.at <= HOUR_MS && one.at <= at);
  const health = found.State.Health?.Status === "healthy" ? "healthy" : "other";
  const now: Running = { at, restarts: found.RestartCount, startedAt: Date.parse(found.State.StartedAt), health };
  for (const [id, observations] of seen) if (observations.every((one) => at - one.at > HOUR_MS)) seen.delete(id);
  seen.set(found.Id, withObservation(earlier, { at, restarts: now.restarts }));
  const because = await whyCrashing(now, earlier, asked);
  const ends = endsInAnHour(now, earlier);
  return {
    ...(because === undefined ? {} : { failing: { condition: "failing", because } }),
    ...(ends === undefined ? {} : { endsInAnHour: ends }),
  };
}

/** Where nobody looked before, as after a start of the control plane: a container is made without restarts. */
function madeAt({ Created }: Dockerode.ContainerInspectInfo): RestartObservation {
  return { at: Date.parse(Created), restarts: 0 };
}

/** Docker asks each half minute, and until then calls nothing that was just started healthy. What is well by itself must not be called failing for that. */
async function whyCrashing(
  now: Running,
  earlier: readonly RestartObservation[],
  asked: () => Promise<boolean>,
): Promise<string | undefined> {
  const because = crashes(now, earlier);
  if (because === undefined) return undefined;
  const healthDecides = crashes({ ...now, health: "healthy" }, earlier) === undefined;
  return healthDecides && (await asked()) ? undefined : because;
}

function withObservation(earlier: readonly RestartObservation[], observation: RestartObservation): readonly RestartObservation[] {
  const [before, last] = earlier.slice(-2);
  const repeats = before?.restarts === observation.restarts && last?.restarts === observation.restarts;
  return [...(repeats ? earlier.slice(0, -1) : earlier), observation];
}
