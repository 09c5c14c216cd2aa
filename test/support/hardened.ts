import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { answersNow } from "../../src/engines/docker/observe/steady.ts";
import type { LaunchedFleet } from "./launched-fleet.ts";

/** What no container of ours may lack. */
interface Armour {
  readonly user: string;
  readonly privileged: boolean;
  readonly readOnlyRoot: boolean;
  readonly capabilities: string;
  readonly newPrivileges: string;
  readonly seccomp: string;
  readonly memory: boolean;
  readonly swap: boolean;
  readonly processes: boolean;
  readonly processor: boolean;
  readonly coreBytes: number;
  readonly socket: boolean;
  readonly hostNamespaces: readonly string[];
}

const WANTED: Armour = {
  user: "10001:10001",
  privileged: false,
  readOnlyRoot: true,
  capabilities: "0000000000000000",
  newPrivileges: "1",
  seccomp: "2",
  memory: true,
  swap: true,
  processes: true,
  processor: true,
  coreBytes: 0,
  socket: false,
  hostNamespaces: [],
};

/** Who lacks something, by kind of node, and why. Empty is the aim. */
const EXCEPTIONS: Readonly<Record<string, { readonly lacks: Partial<Armour>; readonly because: string }>> = {
  postgres: {
    lacks: { processor: false },
    because: "it works for all its tenants: its weight decides when processors are short, and no wall",
  },
  replica: { lacks: { processor: false }, because: "it must keep up with the server that it follows" },
  ingress: { lacks: { processor: false }, because: "everybody comes in through it" },
};

/** Every container of a fleet, as the kernel sees what runs in it and not only as Docker was asked. The fleet must be up. */
export function hardenedSuite(fleet: LaunchedFleet, kinds: readonly string[]): void {
  test("every container is without root, capabilities, new privileges and a writable root, behind seccomp and limits", async () => {
    const docker = dockerClient();
    const containers = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`] } });
    const seen = new Set<string>();
    for (const { Id, Labels } of containers) {
      const kind = Labels["ballast.kind"] ?? "job";
      seen.add(kind);
      const armour = armourOf(await docker.getContainer(Id).inspect(), await kernelSays(docker, Id));
      expect([Labels["ballast.node"], armour]).toEqual([Labels["ballast.node"], { ...WANTED, ...EXCEPTIONS[kind]?.lacks }]);
    }
    expect([...seen].sort()).toEqual([...kinds].sort());
  });

  test("every container answers its own health check", async () => {
    const docker = dockerClient();
    const containers = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`] } });
    const silent: unknown[] = [];
    for (const { Id, Labels } of containers) {
      if (!(await answersNow({ docker }, await docker.getContainer(Id).inspect()))) silent.push(Labels["ballast.node"]);
    }
    expect([silent, containers.length >= kinds.length]).toEqual([[], true]);
  });
}

type Inspected = Awaited<ReturnType<ReturnType<ReturnType<typeof dockerClient>["getContainer"]>["inspect"]>>;

/** The status of the first process, as the kernel shows it inside. */
async function kernelSays(docker: ReturnType<typeof dockerClient>, id: string): Promise<Readonly<Record<string, string>>> {
  const { Pid } = (await docker.getContainer(id).inspect()).State;
  const text = await readFile(`/proc/${Pid}/status`, "utf8");
  return Object.fromEntries(text.split("\n").map((line) => line.split(":\t").map((part) => part.trim()) as [string, string]));
}

function armourOf(found: Inspected, kernel: Readonly<Record<string, string>>): Armour {
  const { Config, HostConfig, Mounts } = found;
  return {
    user: Config.User,
    privileged: HostConfig.Privileged === true,
    readOnlyRoot: HostConfig.ReadonlyRootfs === true,
    // Effective, and what it could ever have.
    capabilities: [...new Set([kernel["CapEff"], kernel["CapBnd"]])].join(" of "),
    newPrivileges: String(kernel["NoNewPrivs"]),
    seccomp: String(kernel["Seccomp"]),
    ...limitsOf(HostConfig),
    socket: Mounts.some((mount) => mount.Source?.includes("docker.sock")),
    hostNamespaces: namespacesOf(HostConfig),
  };
}

type Limits = Pick<Armour, "memory" | "swap" | "processes" | "processor" | "coreBytes">;

function limitsOf({ Memory, MemorySwap, PidsLimit, CgroupParent, CpuQuota, CpuShares, Ulimits }: Inspected["HostConfig"]): Limits {
  const core = (Ulimits ?? []).find((limit) => limit.Name === "core");
  return {
    memory: Number(Memory) > 0,
    swap: MemorySwap === Memory,
    processes: Number(PidsLimit) > 0,
    processor: (Number(CpuQuota) > 0 || CgroupParent !== "") && Number(CpuShares) > 0,
    coreBytes: core?.Hard ?? -1,
  };
}

/** Those of the machine that it shares. */
function namespacesOf({ PidMode, IpcMode, NetworkMode, UsernsMode, UTSMode }: Inspected["HostConfig"]): readonly string[] {
  const modes = { pid: PidMode, ipc: IpcMode, network: NetworkMode, user: UsernsMode, uts: UTSMode };
  return Object.entries(modes).flatMap(([name, mode]) => (mode === "host" ? [name] : []));
}
