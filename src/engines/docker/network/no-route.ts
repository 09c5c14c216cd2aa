import { readFile } from "node:fs/promises";
import type Dockerode from "dockerode";

/** What tells who tried to get out: the address by which others know a container, and the packets for which its kernel found no route. */
export async function egressFacts(found: Dockerode.ContainerInspectInfo, wall: string): Promise<Readonly<Record<string, string | number>>> {
  const address = found.NetworkSettings.Networks[wall]?.IPAddress ?? "";
  if (!found.State.Running || found.State.Pid <= 0) return {};
  const table = await readFile(`/proc/${found.State.Pid}/net/snmp`, "utf8").catch(() => "");
  return {
    ...(address === "" ? {} : { address }),
    noRoute: outNoRoutes(table),
    networks: attachments(found),
    // A container that is started again begins to count from zero.
    counting: `${found.Id.slice(0, 12)} ${found.State.StartedAt}`,
  };
}

/** The same as long as it is in the same networks, each joined once: packets on their way when it leaves one find no route either. */
function attachments({ NetworkSettings }: Dockerode.ContainerInspectInfo): string {
  const joined = Object.values(NetworkSettings.Networks).map((network) => network.EndpointID.slice(0, 12));
  return joined.sort().join(" ");
}

/** `OutNoRoutes` of `/proc/net/snmp`: packets, of connections too, that were dropped since there was no route (RFC 4293, ipSystemStatsOutNoRoutes). */
export function outNoRoutes(table: string): number {
  const [names = [], values = []] = table
    .split("\n")
    .filter((line) => line.startsWith("Ip:"))
    .map((line) => line.split(" "));
  const at = names.indexOf("OutNoRoutes");
  return at < 0 ? 0 : Number(values[at] ?? 0);
}
