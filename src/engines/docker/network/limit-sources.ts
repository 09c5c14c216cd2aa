import { readlinkSync } from "node:fs";
import type Dockerode from "dockerode";
import type { AnyNode, NodeId } from "../../../domain/stack/node.ts";
import { sha256 } from "../../../kernel/canonical.ts";
import { runCommand } from "../container/command.ts";
import { declaredOf } from "../observe/labels.ts";
import { ownContainer } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { admittedTo, sourceRules } from "./source-limits.ts";

/** The servers whose limits were otherwise than they had been put in force, and why those of others could not be. One that fails says nothing of the others. */
export interface Limited {
  readonly repaired: readonly string[];
  readonly failed: readonly string[];
}

const AS_WANTED: Limited = { repaired: [], failed: [] };

const SECONDS = 20;
/** How often what is in force is compared with what is there, which takes processes for each shared server. Only the machine's root can change it. */
const COMPARE_MS = 45_000;
const SETTINGS = ["tcp_timeout_established", "tcp_timeout_time_wait", "tcp_timeout_close_wait", "tcp_timeout_fin_wait"].map(
  (name) => `nf_conntrack_${name}`,
);
/**
 * What is there. It is asked for as long as the fleet runs, so the shell ends as its last process. Not by `read`: a shell reads a character at a time, and the
 * kernel gives a setting to the first question alone.
 */
const SHOW = `iptables-save -t filter
cd /proc/sys/net/netfilter
exec cat ${SETTINGS.join(" ")}
`;
/** Lines of what is shown, which are no reason why something failed after them. */
const SHOWN = /^(?:[#:*\d]|-A |COMMIT)/;
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
${SHOW}`;

/** What was put in force in the place that a node has in its own network. Started again it gets another place, and begins with no rules. */
interface InForce {
  readonly mark: string;
  /** What was there afterwards. */
  readonly shown: string;
  comparedAt: number;
}

const inForce = new Map<string, InForce>();

type Node = Pick<AnyNode, "id" | "kind" | "spec">;

interface Place {
  readonly IPAddress: string;
  readonly EndpointID: string;
}

/** Limits what each network may have of a shared server that runs; twice is once. Other nodes are left as they are. */
export async function limitSources(scope: Scope, node: Node): Promise<Limited> {
  if (admittedTo(node) === undefined) return AS_WANTED;
  const found = await ownContainer(scope, node.id);
  return found?.State.Running === true ? await limit(scope, node, placeOf(found)) : AS_WANTED;
}

/** Limits every shared server among these containers that runs, each by itself. */
export async function limitAllSources(scope: Scope, containers: readonly Dockerode.ContainerInfo[]): Promise<Limited> {
  const done = await Promise.all(
    containers
      .filter(({ State }) => State === "running")
      .map(async (one) => {
        const node = declaredOf(one.Labels)?.declared;
        return node === undefined ? AS_WANTED : await limit(scope, node, placeOf(one)).catch(failedBy(node.id));
      }),
  );
  return { repaired: done.flatMap((one) => one.repaired), failed: done.flatMap((one) => one.failed) };
}

function failedBy(server: NodeId): (error: unknown) => Limited {
  return (error) => ({ repaired: [], failed: [`${server}: ${error instanceof Error ? error.message : String(error)}`] });
}

interface Standing {
  readonly HostConfig: { readonly NetworkMode?: string | undefined };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, Place>> };
}

/** Where a container stands in the network that it was made in: its own stack's. */
function placeOf({ HostConfig, NetworkSettings }: Standing): Place | undefined {
  return NetworkSettings.Networks[HostConfig.NetworkMode ?? ""];
}

async function limit(scope: Scope, node: Node, place: Place | undefined): Promise<Limited> {
  const admitted = admittedTo(node);
  if (admitted === undefined || place === undefined || place.IPAddress === "") return AS_WANTED;
  return await keepInForce(scope, { node, place, rules: sourceRules(place.IPAddress, admitted) });
}

/** Puts rules in force where others are, or none. */
async function keepInForce(
  scope: Scope,
  { node, place, rules }: { readonly node: Node; readonly place: Place; readonly rules: string },
): Promise<Limited> {
  const key = `${scope.owner.instance} ${node.id}`;
  const mark = `${place.EndpointID} ${sha256(rules)}`;
  const known = inForce.get(key);
  const same = known?.mark === mark ? known : undefined;
  if (same !== undefined && scope.now() - same.comparedAt < COMPARE_MS) return AS_WANTED;
  const found = await ownContainer(scope, node.id);
  // Gone, or started once more meanwhile: the next look has it.
  if (found === undefined || !isStill(found, place)) return AS_WANTED;
  const compared = same === undefined ? "not yet" : standingOf(await inNamespace(found, SHOW), same.shown);
  if (same !== undefined && compared === "same") {
    same.comparedAt = scope.now();
    return AS_WANTED;
  }
  const done = await inNamespace(found, SCRIPT, rules);
  if (!done.ok) return { repaired: [], failed: [done.because] };
  inForce.set(key, { mark, shown: done.text, comparedAt: scope.now() });
  return { repaired: compared === "other" ? [`limits by source of ${node.id}`] : [], failed: [] };
}

function isStill(found: Dockerode.ContainerInspectInfo, place: Place): boolean {
  return found.State.Running && placeOf(found)?.EndpointID === place.EndpointID;
}

/** Whether what is there is what was there when it was put in force. What cannot be shown is not known to be other: it is put in force once more, and is no repair. */
export function standingOf(now: Ran, shown: string): "same" | "other" | "cannot say" {
  if (!now.ok) return "cannot say";
  return now.text === shown ? "same" : "other";
}

type Ran = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly because: string };

/** Without comments and counters, which are others each time. */
function standingIn(shown: string): string {
  const lines = shown.split("\n").filter((line) => !line.startsWith("#"));
  return lines.map((line) => line.replace(/\[[0-9:]*\]/, "")).join("\n");
}

async function inNamespace({ Name, NetworkSettings }: Dockerode.ContainerInspectInfo, script: string, rules = ""): Promise<Ran> {
  const { SandboxKey: namespace } = NetworkSettings as { SandboxKey?: string };
  if (namespace === undefined || namespace === "") return { ok: false, because: `${Name.slice(1)} has no network namespace` };
  const own = readlinkSync("/proc/self/ns/net");
  const { end, exitCode, stdout, tail } = await runCommand({
    command: "nsenter",
    args: [`--net=${namespace}`, "--", "sh", "-c", script, "ballast", rules, own],
    timeoutSeconds: SECONDS,
    // Where root's path ends without them, the programs are still there.
    env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` },
  });
  if (end === "exited" && exitCode === 0) return { ok: true, text: standingIn(stdout) };
  return {
    ok: false,
    because: `the connections to ${Name.slice(1)} cannot be limited by where they come from: ${tail.find((line) => !SHOWN.test(line)) ?? end}`,
  };
}
