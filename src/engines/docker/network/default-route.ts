import { readFile } from "node:fs/promises";
import type Dockerode from "dockerode";

/** The address to which a container that runs sends what is for none of its networks; undefined where that cannot be read, or there is none. */
export async function gatewayOf({ State: { Pid, Running } }: Pick<Dockerode.ContainerInspectInfo, "State">): Promise<string | undefined> {
  if (!Running || Pid <= 0) return undefined;
  return defaultGateway(await readFile(`/proc/${Pid}/net/route`, "utf8").catch(() => ""));
}

/** Of `/proc/net/route`, which writes addresses as numbers of the machine's own byte order: here, of every processor that Ballast runs on, the last byte first. */
export function defaultGateway(table: string): string | undefined {
  const rows = table.split("\n").map((line) => line.split("\t"));
  const gateway = rows.find(([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000")?.[2];
  if (gateway === undefined || !/^[0-9A-F]{8}$/.test(gateway)) return undefined;
  return [6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16)).join(".");
}
