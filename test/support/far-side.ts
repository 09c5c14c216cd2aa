import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { OUTWARD_LABEL } from "../../src/engines/docker/network/egress/outward.ts";
import { until } from "./docker-bench.ts";
import { PACKAGE_ROOT } from "./docker-installation.ts";

/**
 * A range beyond the machine in which one container lives: the machine routes there, as to any network that it is connected to. Who goes there from a
 * network of Docker passes the firewall of the machine, and the container sees the machine as the source.
 */
export interface FarSide {
  readonly address: string;
  /** The machine's own address in the range. */
  readonly gateway: string;
  /** From now on its names lead to it for the proxies of a fleet, and for nobody else. Their networks must be there. */
  readonly open: (fleet: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface FarSideRequest {
  /** An IPv4 range of at most 30 bits. */
  readonly range: string;
  readonly names: readonly string[];
}

/** @param container runs, and was made without a network. */
export async function farSide(docker: Dockerode, container: Dockerode.Container, { range, names }: FarSideRequest): Promise<FarSide> {
  const id = randomBytes(3).toString("hex");
  const link = `far-${id}`;
  const table = `ballast_test_far_${id}`;
  const { gateway, address, bits } = placesIn(range);
  const { State: state } = await container.inspect();
  const inside = [`--net=/proc/${state.Pid}/ns/net`, "--"];
  run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(state.Pid));
  run("ip", "address", "add", `${gateway}/${bits}`, "dev", link);
  run("ip", "link", "set", link, "up");
  run("nsenter", ...inside, "ip", "address", "add", `${address}/${bits}`, "dev", "eth0");
  run("nsenter", ...inside, "ip", "link", "set", "eth0", "up");
  function loadTable(text: string): void {
    execFileSync("nft", ["-f", "-"], { input: `table ip ${table} {}\ndelete table ip ${table}\n${text}\n` });
  }
  const program = [process.execPath, join(PACKAGE_ROOT, "test/support/name-server.ts"), address, ...names];
  const server = spawn("nsenter", [...inside, ...program], { stdio: ["ignore", "pipe", "inherit"] });
  await Promise.race([once(server.stdout, "data"), once(server, "exit").then(() => Promise.reject(new Error("the name server ended")))]);
  return {
    address,
    gateway,
    async open(fleet) {
      const filters = { label: [`ballast.fleet=${fleet}`, OUTWARD_LABEL] };
      const bridges = (await docker.listNetworks({ filters })).map(({ Id }) => `"br-${Id.slice(0, 12)}"`);
      const rule = `iifname { ${bridges.join(", ")} } udp dport 53 dnat to ${address}`;
      loadTable(`table ip ${table} {\n chain asked {\n type nat hook prerouting priority -110;\n ${rule}\n }\n}`);
    },
    async remove() {
      server.kill("SIGKILL");
      loadTable("");
      await container.remove({ force: true, v: true });
      // It goes with the namespace of the container, a moment later.
      await until("the end of the link", 20, async () => (run("ip", "-o", "link").includes(` ${link}@`) ? undefined : true));
    },
  };
}

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8" });
}

/** The first two addresses of a range, and its length. */
export function placesIn(range: string): { readonly gateway: string; readonly address: string; readonly bits: string } {
  const [, front, first, bits] = /^(\d+\.\d+\.\d+)\.(\d+)\/(\d+)$/.exec(range) ?? [];
  if (front === undefined || bits === undefined) throw new Error(`${range} is no range`);
  return { gateway: `${front}.${Number(first) + 1}`, address: `${front}.${Number(first) + 2}`, bits };
}
