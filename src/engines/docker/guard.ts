import type { Instant } from "../../kernel/instant.ts";
import type { GuardSight, Refusal, TryCount } from "../engine.ts";
import { engineCall, orAbsent } from "./call.ts";
import { plainText } from "./containers.ts";
import { closeWalls, type RuleCount } from "./firewall/close.ts";
import type { Met } from "./firewall/rules.ts";
import { ownFilter } from "./labels.ts";
import { limitAllSources } from "./limit-sources.ts";
import { refusedIn } from "./proxy-log.ts";
import type { Scope } from "./scope.ts";

/** Who floods the log of a proxy is known from its last lines too. */
const MOST_LINES = 2000;

const TARGETS: Readonly<Record<Met, string>> = {
  machine: "this machine",
  outside: "an address outside of its network",
  private: "a private address, by the proxy",
};

/** Puts the machine's firewall right, and tells what it and the proxies refused. */
export async function guard(scope: Scope, since: Instant): Promise<GuardSight> {
  const [walls, refusals, limited] = await Promise.all([closeWalls(scope), refusalsSince(scope, since), limitAllSources(scope)]);
  if (walls.state === "unknown") return { walls, refusals, counts: [] };
  if (!limited.ok) return { walls: { state: "unknown", because: limited.because }, refusals, counts: walls.counts.map(tryCount) };
  return { walls: { state: "closed", mended: walls.mended }, refusals, counts: walls.counts.map(tryCount) };
}

function tryCount({ stack, bridge, met, packets }: RuleCount): TryCount {
  return { key: `${bridge} ${met}`, stack, target: TARGETS[met], packets };
}

async function refusalsSince(scope: Scope, since: Instant): Promise<readonly Refusal[]> {
  const { label } = ownFilter(scope.owner);
  const filters = { label: [...label, "ballast.kind=egress"] };
  const proxies = await engineCall("containers", () => scope.docker.listContainers({ all: true, filters }));
  const told = await Promise.all(
    proxies.map(async (one) => {
      const stack = one.Labels["ballast.stack"] ?? "";
      const container = scope.docker.getContainer(one.Id);
      const asked = { stdout: true, stderr: false, follow: false as const, since: Math.floor(since / 1000), tail: MOST_LINES };
      const raw = await orAbsent(stack, () => container.logs(asked));
      const lines = raw === undefined ? [] : plainText(raw as unknown as Buffer).split("\n");
      return lines.flatMap((line) => refusedIn(line) ?? []).map((refusal) => ({ stack, ...refusal }));
    }),
  );
  return told.flat().filter((one) => one.at > since);
}
