import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { dockerUsage } from "../../engines/docker/machine/usage.ts";
import { listTable } from "../../engines/docker/network/firewall/nft.ts";
import { subnetsLeft } from "../../engines/docker/network/subnets.ts";
import { installationOf, type Surroundings, stateHome } from "../installation/installation.ts";
import { readMark } from "../installation/instance-mark.ts";
import { leftovers } from "../installation/leftovers.ts";
import { unseenHomes } from "../installation/unseen-homes.ts";
import { fleetsBelow } from "../installation/used-images.ts";
import type { Prunable } from "../operations/prune.ts";
import { fleetPage, folderBytes, type PageFinding, shownBytes } from "./doctor-fleet.ts";

export interface PageParts {
  readonly docker: Dockerode;
  readonly around: Surroundings;
  readonly superseded: () => Promise<Prunable>;
  readonly service: (fleet: string) => Promise<{ readonly installed: boolean; readonly enabled: boolean; readonly outdated: boolean }>;
}

const SUBNETS = "10.213.0.0/16";
const FEW_SUBNETS = 16;

/** What is true of this machine and of the fleets on it, beyond what a fleet needs in order to start. */
export async function doctorPage(parts: PageParts): Promise<readonly PageFinding[]> {
  const home = stateHome(parts.around);
  const unseen = unseenHomes(parts.around);
  const fleets = unseen.includes(home) ? [] : fleetsBelow(home);
  const pages = await Promise.all(fleets.map((fleet) => pageOf(parts, fleet)));
  const marks = fleets.map((fleet) => readMark(installationOf(parts.around, fleet)));
  const known = new Set(marks.flatMap((mark) => (mark.state === "there" ? [mark.value] : [])));
  // While a mark cannot be read, or a fleet cannot be seen, what bears no known one may be that fleet's.
  const marked = unseen.length === 0 && marks.every((mark) => mark.state !== "wrong");
  const unknown = marked ? await leftovers(parts.docker, home, known).catch(() => []) : [];
  return [
    ...unseen.map(unseenFinding),
    ...(await dockerFindings(parts, unseen)),
    await firewallFinding(parts.around),
    ...unknown,
    ...(unseen.includes(home) ? [] : cacheFindings(home)),
    clockFinding(),
    ...pages.flat(),
  ];
}

/** One fleet that cannot be looked at is said, and hides no other. */
async function pageOf(parts: PageParts, fleet: string): Promise<readonly PageFinding[]> {
  try {
    return fleetPage(installationOf(parts.around, fleet), await parts.service(fleet));
  } catch (error) {
    return [
      { id: "fleet", state: "warning", text: `${fleet}: cannot be looked at: ${(error as Error).message}`, remedy: "run it as root" },
    ];
  }
}

function unseenFinding(home: string): PageFinding {
  const text = `BAL-C041 ${home} is another user's: which fleets are there, and how they are, cannot be known`;
  return { id: "fleets", state: "warning", text, remedy: "ask as that user, such as by sudo" };
}

async function dockerFindings({ docker, superseded }: PageParts, unseen: readonly string[]): Promise<readonly PageFinding[]> {
  const usage = await dockerUsage(docker).catch(() => undefined);
  // Whether there is an engine at all is said elsewhere.
  if (usage === undefined) return [];
  const left = subnetsLeft(SUBNETS, usage.networks);
  const { length } = usage.unboundedLogs;
  return [
    {
      id: "storage",
      state: "ok",
      text: `Docker holds ${usage.images} images (${shownBytes(usage.imageBytes)}) and ${usage.volumes} volumes (${shownBytes(usage.volumeBytes)})`,
    },
    // Where a fleet cannot be seen, nor can what it uses.
    ...(unseen.length === 0 ? [imagesFinding(await superseded())] : []),
    length === 0
      ? { id: "logs", state: "ok", text: "every container of Ballast has a log of limited size" }
      : {
          id: "logs",
          state: "warning",
          text: `${length} containers have logs without a limit: ${usage.unboundedLogs.join(", ")}`,
          remedy: "ballast apply FOLDER",
        },
    left >= FEW_SUBNETS
      ? { id: "subnets", state: "ok", text: `${left} left in ${SUBNETS}` }
      : {
          id: "subnets",
          state: "warning",
          text: `${left} left in ${SUBNETS}`,
          remedy: "declare another range: spec.engine.docker.subnets",
        },
  ];
}

/** Whether what stands in a fleet's networks can be kept from the machine itself: Docker alone does not. */
async function firewallFinding({ uid }: Surroundings): Promise<PageFinding> {
  const id = "firewall";
  const told = await listTable("ballast");
  const remedy =
    uid !== 0
      ? "only root can see them: sudo ./ballast doctor"
      : "run Ballast as root on a machine with nftables (the Debian package nftables); until then every container reaches what listens on all addresses of this machine";
  if (!told.ok) return { id, state: "warning", text: `unknown whether containers are isolated: ${told.because}`, remedy };
  return { id, state: "ok", text: "the rules that keep containers in can be set" };
}

function imagesFinding({ images, bytes, unknown }: Prunable): PageFinding {
  if (unknown.length > 0) {
    const text = `cannot determine which images are in use: ${unknown.join(", ")} did not write theirs down`;
    return { id: "images", state: "warning", text, remedy: "ballast apply FOLDER, or delete the fleet that is not needed" };
  }
  if (images.length === 0) return { id: "images", state: "ok", text: "every image of Ballast is in use" };
  return {
    id: "images",
    state: "warning",
    text: `${images.length} images of Ballast are used by nobody any more (at most ${shownBytes(bytes)}; layers are shared)`,
    remedy: "ballast doctor --prune",
  };
}

function cacheFindings(home: string): readonly PageFinding[] {
  const cache = join(home, ".cache");
  if (!existsSync(cache)) return [];
  const templates = globSync(join(cache, "templates", "*")).length;
  return [{ id: "cache", state: "ok", text: `${cache}: ${shownBytes(folderBytes(cache))}, ${templates} templates` }];
}

/** Calendars, certificates and the ledger are only as right as the clock. */
function clockFinding(): PageFinding {
  const id = "clock";
  const keeper = ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/ntpd.pid"].find((file) => existsSync(file));
  const now = new Date().toISOString().slice(0, 16);
  if (keeper !== undefined) return { id, state: "ok", text: `${now}Z, kept right by a time service` };
  const remedy = "make sure that something does, such as chrony, or the host of a virtual machine";
  return { id, state: "warning", text: `${now}Z; no time service is seen that keeps it right`, remedy };
}
