import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import type { NodeId } from "../../../domain/stack/node.ts";
import type { ObservedNode } from "../../../domain/stack/observation.ts";
import { orAbsent } from "../call.ts";
import { crashingOf } from "../container/restarts.ts";
import type { Scope } from "../scope.ts";

type Here = Pick<Scope, "docker" | "now">;
type Inspected = Pick<Dockerode.ContainerInspectInfo, "Id" | "Config">;

/** How long a health check may take that is run here. Docker gives its own 10 s. */
const ASK_SECONDS = 5;
const ASK_PAUSE_MS = 50;

/** Runs the health check of a container at once: Docker runs it each half minute, and says nothing of a container before. What cannot be asked did not answer. */
export async function answersNow({ docker }: Pick<Scope, "docker">, { Id, Config }: Inspected): Promise<boolean> {
  const [form, ...command] = Config.Healthcheck?.Test ?? [];
  if (form !== "CMD") return false;
  try {
    const exec = await docker.getContainer(Id).exec({ Cmd: command });
    await exec.start({ Detach: true });
    for (const end = performance.now() + ASK_SECONDS * 1000; performance.now() < end; await sleep(ASK_PAUSE_MS)) {
      const { Running: runs, ExitCode: exit } = await exec.inspect();
      if (!runs && exit !== null) return exit === 0;
    }
    return false;
  } catch {
    return false;
  }
}

/**
 * What a look says of a container that Docker calls unhealthy: Docker asks each half minute, so it says so for that long of one that answers again, as after
 * a pause. Asked here, one that answers serves.
 */
export async function askedAgain(scope: Pick<Scope, "docker">, found: Inspected & AskedHealth, said: ObservedNode): Promise<ObservedNode> {
  const { Running: runs, Paused: isHeld, Health: health } = found.State;
  if (said.condition !== "failing" || !runs || isHeld || health?.Status !== "unhealthy" || !(await answersNow(scope, found))) return said;
  const { because: _because, hangs: _hangs, ...rest } = said;
  return { ...rest, condition: "serving" };
}

type AskedHealth = { readonly State: Pick<Dockerode.ContainerInspectInfo["State"], "Running" | "Paused" | "Health"> };

/** What ended twice must run for a minute, and Docker's own check is made each half minute: both fit into it. */
const STEADY_SECONDS = 62;
const PAUSE_MS = 1000;

/**
 * Gives what the engine started again, or what was let go on, the time until nothing is held against it any more: a repair that ends before would find it
 * failing still. That is when it answers its health check, and as long as its ends are not many. What Docker calls unhealthy, as after a pause, must be called
 * healthy by Docker, since the list of all containers says so too.
 */
export async function untilSteady(scope: Here, id: NodeId, container: string): Promise<void> {
  for (const end = performance.now() + STEADY_SECONDS * 1000; performance.now() < end; await sleep(PAUSE_MS)) {
    const found = await orAbsent(id, () => scope.docker.getContainer(container).inspect());
    if (found?.State.Running !== true || found.State.Health === undefined) return;
    if (await isSteady(scope, found)) return;
  }
}

async function isSteady(scope: Here, found: Dockerode.ContainerInspectInfo): Promise<boolean> {
  const { Restarting: restarting, Health: health } = found.State;
  if (restarting || health?.Status === "unhealthy") return false;
  if (health?.Status !== "healthy" && !(await answersNow(scope, found))) return false;
  const { failing } = await crashingOf(found, scope.now(), async () => true);
  return failing === undefined;
}
