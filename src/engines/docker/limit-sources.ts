import type Dockerode from "dockerode";
import type { AnyNode, NodeId } from "../../domain/stack/node.ts";
import { sha256 } from "../../kernel/canonical.ts";
import { engineCall } from "./call.ts";
import { runCommand } from "./command.ts";
import { declaredOf, ownFilter } from "./labels.ts";
import { ownContainer } from "./own-objects.ts";
import type { Scope } from "./scope.ts";
import { admittedTo, sourceRules } from "./source-limits.ts";

export type Limited = { readonly ok: true } | { readonly ok: false; readonly because: string };

const SECONDS = 20;
/**
 * Never in the machine's own namespace, whose rules would be flushed. What is counted is forgotten in seconds or minutes instead of days: a connection whose
 * network was taken away never says that it ended, and one that lives says so every ten seconds.
 */
const SCRIPT = `set -eu
[ "$(readlink /proc/self/ns/net)" != "$2" ] || { echo "is the machine's own" >&2; exit 3; }
printf %s "$1" | iptables-restore --wait 10
cd /proc/sys/net/netfilter
echo 300 > nf_conntrack_tcp_timeout_established
echo 5 > nf_conntrack_tcp_timeout_time_wait
echo 10 > nf_conntrack_tcp_timeout_close_wait
echo 10 > nf_conntrack_tcp_timeout_fin_wait
`;

/** Container and start → the rules that were put in force there: a container that is started again begins with none. */
const inForce = new Map<NodeId, string>();

/** Limits what each network may have of a shared server that runs; twice is once. Other nodes are left as they are. */
export async function limitSources(scope: Scope, node: Pick<AnyNode, "id" | "kind" | "spec">): Promise<Limited> {
  const admitted = admittedTo(node);
  if (admitted === undefined) return { ok: true };
  const found = await ownContainer(scope, node.id);
  const attached = found?.NetworkSettings.Networks[found.HostConfig.NetworkMode ?? ""];
  if (found === undefined || !found.State.Running || attached === undefined || attached.IPAddress === "") return { ok: true };
  const rules = sourceRules(attached.IPAddress, admitted);
  const key = `${scope.owner.instance} ${node.id}`;
  const mark = `${found.Id} ${found.State.StartedAt} ${sha256(rules)}`;
  if (inForce.get(key) === mark) return { ok: true };
  const done = await enforce(found, rules);
  if (done.ok) inForce.set(key, mark);
  return done;
}

async function enforce({ Name, NetworkSettings }: Dockerode.ContainerInspectInfo, rules: string): Promise<Limited> {
  const { SandboxKey: namespace } = NetworkSettings as { SandboxKey?: string };
  if (namespace === undefined || namespace === "") return { ok: false, because: `${Name.slice(1)} has no network namespace` };
  const own = await runCommand({ command: "readlink", args: ["/proc/self/ns/net"], timeoutSeconds: SECONDS });
  const { end, exitCode, tail } = await runCommand({
    command: "nsenter",
    args: [`--net=${namespace}`, "--", "sh", "-c", SCRIPT, "ballast", rules, own.stdout.trim()],
    timeoutSeconds: SECONDS,
    // Where root's path ends without them, the programs are still there.
    env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` },
  });
  if (end === "exited" && exitCode === 0) return { ok: true };
  return { ok: false, because: `the connections to ${Name.slice(1)} cannot be limited by where they come from: ${tail[0] ?? end}` };
}

/** Limits every shared server that runs; the first reason why one could not be. */
export async function limitAllSources(scope: Scope): Promise<Limited> {
  const containers = await engineCall("containers", () => scope.docker.listContainers({ filters: ownFilter(scope.owner) }));
  const nodes = containers.flatMap((one) => declaredOf(one.Labels)?.declared ?? []);
  const done = await Promise.all(nodes.map((node) => limitSources(scope, node)));
  return done.find((one) => !one.ok) ?? { ok: true };
}
