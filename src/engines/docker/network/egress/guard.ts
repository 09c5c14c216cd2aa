import type Dockerode from "dockerode";
import type { StackId } from "../../../../domain/stack/node.ts";
import type { Instant } from "../../../../kernel/instant.ts";
import type { GuardObservation, Refusal, TryCount } from "../../../engine.ts";
import { orAbsent } from "../../call.ts";
import { listContainers } from "../../container/containers.ts";
import { logLines } from "../../container/log-stream.ts";
import { sweepOnce } from "../../container/quota-observation.ts";
import type { Scope } from "../../scope.ts";
import { closeNetworks, type RuleCount } from "../firewall/close.ts";
import type { Met } from "../firewall/rules.ts";
import { type Limited, limitAllSources } from "../limit-sources.ts";
import { refusedIn } from "./proxy-log.ts";

/** Who floods the log of a proxy is known from its last lines too. */
const MOST_LINES = 2000;
const LINE_BYTES = 2048;

const TARGETS: Readonly<Record<Met, string>> = {
  machine: "this machine",
  outside: "an address outside of its network",
  private: "a private address, by the proxy",
};

/** Puts the machine's firewall right, and tells what it and the proxies refused. */
export async function guard(scope: Scope, since: Instant): Promise<GuardObservation> {
  await sweepOnce(scope);
  const containers = await listContainers(scope);
  const [walls, refusals, limited] = await Promise.all([
    closeNetworks(scope),
    refusalsSince(scope, containers, since),
    limitAllSources(scope, containers),
  ]);
  const counts = walls.state === "unknown" ? [] : walls.counts.map(tryCount);
  return { ...togetherOf(walls, limited), refusals, counts };
}

/** Two looks side by side: what one put right is told whatever became of the other, and everything that is unknown is said. */
export function togetherOf(
  walls: { readonly state: "unknown"; readonly because: string } | { readonly state: "closed"; readonly repaired: readonly string[] },
  limited: Limited,
): Pick<GuardObservation, "walls" | "repaired"> {
  const unknown = [...(walls.state === "unknown" ? [walls.because] : []), ...limited.failed];
  return {
    walls: unknown.length === 0 ? { state: "closed" } : { state: "unknown", because: unknown.join("; ") },
    repaired: [...(walls.state === "unknown" ? [] : walls.repaired), ...limited.repaired],
  };
}

function tryCount({ stack, bridge, met, packets }: RuleCount): TryCount {
  return { key: `${bridge} ${met}`, stack, target: TARGETS[met], packets };
}

async function refusalsIn(lines: AsyncIterable<string>, stack: StackId): Promise<readonly Refusal[]> {
  const found: Refusal[] = [];
  for await (const line of lines) {
    const refusal = refusedIn(line);
    if (refusal !== undefined) found.push({ stack, ...refusal });
  }
  return found;
}

async function refusalsSince(scope: Scope, containers: readonly Dockerode.ContainerInfo[], since: Instant): Promise<readonly Refusal[]> {
  const proxies = containers.filter(({ Labels }) => Labels["ballast.kind"] === "egress");
  const told = await Promise.all(
    proxies.map(async (one) => {
      const stack = one.Labels["ballast.stack"] ?? "";
      const desired = { tail: MOST_LINES, since: Math.floor(since / 1000), stderr: false, lineBytes: LINE_BYTES };
      return (await orAbsent(stack, () => refusalsIn(logLines(scope, one.Id, desired), stack))) ?? [];
    }),
  );
  return told.flat().filter((one) => one.at > since);
}
