import { X509Certificate } from "node:crypto";
import { existsSync, globSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { readStateFile, type StateForm } from "../../adapters/files/state-file.ts";
import { keyFault } from "../../adapters/vault/sealing-key.ts";
import { formatSize } from "../../kernel/quantity.ts";
import type { Installation } from "../installation/installation.ts";
import { readMark } from "../installation/instance-mark.ts";
import { usedImages } from "../installation/used-images.ts";
import { TOKEN } from "../serve/api-token.ts";

export interface PageFinding {
  readonly id: string;
  readonly state: "ok" | "missing" | "refused" | "warning";
  readonly text: string;
  readonly remedy?: string;
}

const MIB = 1024 ** 2;
const DAY_MS = 86_400_000;
/** A certificate that ends sooner should have been followed by another: they are renewed half a year before their end. */
const SOON_DAYS = 30;

/** What is true of one installed fleet, as far as files and processes tell. */
export function fleetPage(
  installation: Installation,
  service: { installed: boolean; enabled: boolean; outdated: boolean },
): readonly PageFinding[] {
  return [
    controlPlane(installation),
    ...stateFiles(installation),
    ...setAside(installation),
    ...store(installation),
    sealingKey(installation),
    ...certificates(installation),
    serviceOf(installation, service),
  ];
}

export function shownBytes(bytes: number): string {
  const unit = bytes >= 1024 * MIB ? 1024 * MIB : MIB;
  return formatSize(Math.round(bytes / unit) * unit);
}

const Server = z.object({ pid: z.int().positive(), url: z.url(), version: z.string() });
const SERVER: StateForm<z.infer<typeof Server>> = {
  form: "the address of a control plane",
  read: (text) => Server.safeParse(JSON.parse(text)).data,
};
const AS_OWNER = "ask as the user whose it is, such as by sudo";
const AGAIN = "a control plane that runs writes it again within a second; ballast up FOLDER starts one that does not run";

/** A finding about a file that is not what was written, with what makes it again. */
function spoilt(fleet: string, path: string, found: { because: string; denied?: true; remedy: string }): PageFinding {
  if (found.denied === true)
    return { id: "state file", state: "warning", text: `${fleet}: BAL-C041 ${path} ${found.because}`, remedy: AS_OWNER };
  return { id: "state file", state: "warning", text: `${fleet}: BAL-S035 ${path} ${found.because}`, remedy: found.remedy };
}

/** Files that were written and say something else now, or are gone. */
function stateFiles(installation: Installation): readonly PageFinding[] {
  const { fleet, root, tokenFile } = installation;
  const mark = readMark(installation);
  const token = readStateFile(tokenFile, TOKEN);
  const used = usedImages(dirname(root), [fleet]).unknown;
  return [
    ...(mark.state === "wrong" ? [spoilt(fleet, join(root, "instance"), { ...mark, remedy: AGAIN })] : []),
    ...(token.state === "wrong" ? [spoilt(fleet, tokenFile, { ...token, remedy: AGAIN })] : []),
    ...used
      .filter((one) => one !== fleet)
      .map((one) => ({ id: "state file", state: "warning", text: `BAL-S035 ${one}`, remedy: AGAIN }) as const),
  ];
}

/** What stood in the place of a file, and may be somebody's. */
function setAside({ fleet, root }: Installation): readonly PageFinding[] {
  const found = globSync(["*.not-a-file-*", "set-aside/*.not-a-file-*"], { cwd: root }).sort();
  return found.map((path) => ({
    id: "state file",
    state: "warning",
    text: `${fleet}: a folder stood in the place of a file, and was moved to ${join(root, path)}`,
    remedy: "look at what is in it, then move it elsewhere or delete it",
  }));
}

function controlPlane({ fleet, serverFile }: Installation): PageFinding {
  const id = "control plane";
  const found = readStateFile(serverFile, SERVER);
  if (found.state === "missing") return { id, state: "ok", text: `${fleet}: does not run` };
  if (found.state === "wrong") return spoilt(fleet, serverFile, { ...found, remedy: AGAIN });
  const { pid, url, version } = found.value;
  if (isAlive(pid)) return { id, state: "ok", text: `${fleet}: version ${version}, ${url}, process ${pid}` };
  return {
    id,
    state: "warning",
    text: `${fleet}: process ${pid} is gone; it did not end by itself`,
    remedy: "ballast up FOLDER starts it again",
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function store({ fleet, postgres }: Installation): readonly PageFinding[] {
  if (!existsSync(postgres)) return [];
  return [{ id: "store", state: "ok", text: `${fleet}: ${shownBytes(folderBytes(postgres))}` }];
}

/** Files may come and go while they are counted. */
export function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0) : 0),
    0,
  );
}

function sealingKey({ fleet, keyFile }: Installation): PageFinding {
  const id = "sealing key";
  const seen = statSync(keyFile, { throwIfNoEntry: false });
  if (seen === undefined)
    return {
      id,
      state: "refused",
      text: `${fleet}: ${keyFile} is not there`,
      remedy: "put it back; where there is none any more: ballast rotate FOLDER --lost-key --now --reason TEXT",
    };
  const fault = keyFault(keyFile);
  if (fault !== undefined)
    return {
      id,
      state: "refused",
      text: `${fleet}: BAL-S005 ${keyFile} ${fault}`,
      remedy: "put the right key back; where there is none any more: ballast rotate FOLDER --lost-key --now --reason TEXT",
    };
  if ((seen.mode & 0o077) === 0) return { id, state: "ok", text: `${fleet}: ${keyFile}, readable only by its owner` };
  return { id, state: "refused", text: `${fleet}: others may read ${keyFile}`, remedy: `chmod 600 ${keyFile}` };
}

function certificates({ fleet, root, volatile }: Installation): readonly PageFinding[] {
  const issued = globSync(join(volatile, "tls", "**", "certificate.pem")).map((file) => ({ file, what: "ingress" }));
  const all = [{ file: join(root, "ca.pem"), what: "authority" }, ...issued].filter(({ file }) => existsSync(file));
  return all.map(({ file, what }) => {
    const found = readStateFile(file, { form: "a certificate", read: (text) => new X509Certificate(text).validToDate });
    if (found.state !== "there") {
      const why = found.state === "wrong" ? found : { because: "is gone" };
      return spoilt(fleet, file, { ...why, remedy: "a control plane that runs writes it again; else: ballast up FOLDER" });
    }
    const end = found.value;
    const days = Math.floor((end.getTime() - Date.now()) / DAY_MS);
    const text = `${fleet}: ${what} until ${end.toISOString().slice(0, 10)} (${days} days)`;
    if (days >= SOON_DAYS) return { id: "certificate", state: "ok", text };
    return { id: "certificate", state: "warning", text, remedy: "ballast apply FOLDER issues the next one" };
  });
}

function serviceOf(
  { fleet }: Installation,
  { installed, enabled, outdated }: { installed: boolean; enabled: boolean; outdated: boolean },
): PageFinding {
  const id = "service";
  if (enabled && !outdated) return { id, state: "ok", text: `${fleet}: starts with the machine` };
  const text = installed
    ? `${fleet}: is ${outdated ? "of another version or place of Ballast" : "disabled"}`
    : `${fleet}: does not start with the machine`;
  return { id, state: "warning", text, remedy: "ballast service install FOLDER" };
}
