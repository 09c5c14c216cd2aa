import type Dockerode from "dockerode";
import type { ObservedNode } from "../../../domain/stack/observation.ts";

/** Whether a container does its work, as far as the list of all containers tells. */
export function conditionOf(container: Dockerode.ContainerInfo): Pick<ObservedNode, "condition" | "because" | "starting"> {
  if (container.State === "running" && !container.Status.includes("(unhealthy)"))
    return { condition: "serving", ...(container.Status.includes("(health: starting)") ? { starting: true } : {}) };
  if (container.State === "running") return { condition: "failing", because: "runs, and does not answer its health check" };
  if (container.State === "paused") return { condition: "stopped", because: PAUSED };
  if (container.State === "restarting") return { condition: "failing", because: container.Status };
  return { condition: "stopped", because: `${container.Status}${refusalOf(container)}` };
}

/** A server of ours that will not start with what it found ends with this code, and its last lines say why (images/postgres/entry.sh). */
const REFUSED = "Exited (64)";

function refusalOf({ Status: status, Labels: labels }: Dockerode.ContainerInfo): string {
  const node = labels["ballast.node"];
  if (node === undefined || !status.startsWith(REFUSED) || !["postgres", "replica"].includes(labels["ballast.kind"] ?? "")) return "";
  return `: it refused to start; its last lines say why: ballast logs ${node}`;
}

/** Docker says of it that it runs, and none of its processes gets the processor. */
const PAUSED = "paused: somebody froze its processes";
