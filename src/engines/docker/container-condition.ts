import type Dockerode from "dockerode";
import type { ObservedNode } from "../../domain/stack/observation.ts";

/** Whether a container does its work, as far as the list of all containers tells. */
export function conditionOf(container: Dockerode.ContainerInfo): Pick<ObservedNode, "condition" | "because"> {
  if (container.State === "running" && !container.Status.includes("(unhealthy)")) return { condition: "serving" };
  if (container.State === "running") return { condition: "failing", because: "runs, and does not answer its health check" };
  if (container.State === "paused") return { condition: "stopped", because: PAUSED };
  if (container.State === "restarting") return { condition: "failing", because: container.Status };
  return { condition: "stopped", because: container.Status };
}

/** Docker says of it that it runs, and none of its processes gets the processor. */
const PAUSED = "paused: somebody froze its processes";
