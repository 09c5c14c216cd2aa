import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { unseal } from "../../src/adapters/vault/seal.ts";
import type { Installation } from "../../src/app/installation/installation.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { inStore, processOf } from "./control-plane.ts";

/** A secret of a fleet by what it is, in the words that must be found nowhere. */
export type Canaries = ReadonlyMap<string, string>;

/** One place to search: what it is, and everything that it says. */
export interface Haystack {
  readonly place: string;
  readonly text: string;
}

/** Everything that is sealed in the store, opened with its key, and what the control plane keeps for itself. */
export async function canariesOf(installation: Installation): Promise<Canaries> {
  const hex = readFileSync(installation.keyFile, "utf8").trim();
  const found = new Map<string, string>([
    ["sealing key", hex],
    ["api token", readFileSync(installation.tokenFile, "utf8").trim()],
  ]);
  const rows = await inStore<{ address: string; generation: number; sealed: Buffer }>(
    installation,
    true,
    "SELECT address, generation, sealed FROM secret",
  );
  for (const { address, generation, sealed } of rows) {
    const text = unseal(Buffer.from(hex, "hex"), `${address}#${generation}`, sealed);
    found.set(`${address}#${generation}`, text.startsWith("{") ? middleOf((JSON.parse(text) as { key: string }).key) : text);
  }
  return found;
}

/** Of a private key in PEM: a line from its middle, which no other text shares. */
function middleOf(pem: string): string {
  const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-"));
  return lines[Math.floor(lines.length / 2)] as string;
}

/** The ways in which a text may stand somewhere without being readable at first observation. */
function shapesOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString("hex"), bytes.toString("base64").replace(/=+$/, "")];
}

/** Where a canary was found: `api token in log of odoo`. */
export function found(canaries: Canaries, haystacks: readonly Haystack[]): readonly string[] {
  return haystacks.flatMap(({ place, text }) =>
    [...canaries].filter(([, secret]) => shapesOf(secret).some((shape) => text.includes(shape))).map(([name]) => `${name} in ${place}`),
  );
}

/** Whatever Docker says of the objects of a fleet: containers with their logs, networks, volumes, images. */
export async function dockerSays(fleet: string): Promise<readonly Haystack[]> {
  const docker = dockerClient();
  const filters = { label: [`ballast.fleet=${fleet}`] };
  const result: Haystack[] = [];
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    const container = docker.getContainer(Id);
    const inspected = await container.inspect();
    result.push({ place: `inspect ${inspected.Name}`, text: JSON.stringify(inspected) });
    result.push({ place: `log ${inspected.Name}`, text: (await container.logs({ stdout: true, stderr: true })).toString("utf8") });
    result.push({ place: `image of ${inspected.Name}`, text: JSON.stringify(await docker.getImage(inspected.Image).inspect()) });
    const top = (await container.top({ ps_args: "-eo pid,args" })) as { Processes: string[][] };
    for (const [pid = "", ...args] of top.Processes) {
      result.push({ place: `arguments in ${inspected.Name}`, text: args.join(" ") });
      result.push(environmentOf(Number(pid), inspected.Name));
    }
  }
  for (const network of await docker.listNetworks({ filters }))
    result.push({ place: `network ${network.Name}`, text: JSON.stringify(network) });
  const { Volumes } = await docker.listVolumes({ filters });
  result.push({ place: "volumes", text: JSON.stringify(Volumes) });
  return result;
}

/** What a process was started with and may have handed on; it may be gone by now. */
function environmentOf(pid: number, of: string): Haystack {
  try {
    return {
      place: `environment in ${of}`,
      text: readFileSync(`/proc/${pid}/environ`, "utf8") + readFileSync(`/proc/${pid}/cmdline`, "utf8"),
    };
  } catch {
    return { place: `environment in ${of}`, text: "" };
  }
}

/** The process of the control plane, and those that it started. */
export function processesOf(installation: Installation): readonly Haystack[] {
  const own = processOf(installation);
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const children = pids.filter((pid) => new RegExp(`^PPid:\\s+${own}$`, "m").test(statusOf(pid)));
  return [String(own), ...children].map((pid) => environmentOf(Number(pid), `process ${pid}`));
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

/** Every file of an installation on disk but those that are there to hold a secret, and the data files of its store. */
export function filesOf(installation: Installation): readonly Haystack[] {
  const meant = [installation.keyFile, installation.tokenFile, installation.credentialsFile];
  return readdirSync(installation.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (file) => !meant.includes(file) && !file.startsWith(join(installation.postgres, "data")) && statSync(file).size < 64 * 1024 ** 2,
    )
    .map((file) => ({ place: file, text: readFileSync(file, "latin1") }));
}

/** Bytes of a process's memory that a crash would write to disk: the file is what the kernel goes by. */
export function dumpedMemory(installation: Installation): string {
  return readFileSync(`/proc/${processOf(installation)}/coredump_filter`, "utf8").trim();
}

/** The data files of a database as they lie on disk, compressed or not: searched without reading them into this process. */
export function filesHolding(folder: string, text: string): readonly string[] {
  try {
    return execFileSync("grep", ["--recursive", "--files-with-matches", "--text", "--fixed-strings", "--file=-", folder], {
      input: `${text}\n`,
    })
      .toString()
      .trim()
      .split("\n");
  } catch (error) {
    if ((error as { status?: number }).status === 1) return [];
    throw error;
  }
}
