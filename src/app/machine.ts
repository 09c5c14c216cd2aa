import { access, statfs } from "node:fs/promises";
import { request } from "node:http";
import { arch, platform, totalmem } from "node:os";
import { formatSize } from "../kernel/quantity.ts";

interface Finding {
  readonly id: string;
  readonly state: "ok" | "missing" | "refused" | "warning";
  readonly text: string;
  readonly remedy?: string;
  readonly installable?: boolean;
}

interface Needs {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

const SOCKET = "/var/run/docker.sock";
const PING_MS = 3000;
const GIB = 1024 ** 3;

/** What can be told of this machine without touching it. */
export function thisMachine() {
  return {
    examine: async (needs: Needs): Promise<readonly Finding[]> => [
      ofPlatform(),
      ofNode(),
      ofUser(),
      ofMemory(needs),
      await ofDisk(needs),
      await ofDocker(),
    ],
    async install(): Promise<void> {
      throw new Error("nothing can be installed by this version");
    },
  };
}

function ofPlatform(): Finding {
  const name = `${platform()} ${arch()}`;
  if (platform() === "linux" && ["x64", "arm64"].includes(arch())) return { id: "platform", state: "ok", text: name };
  return { id: "platform", state: "refused", text: `${name} is not supported`, remedy: "run Ballast on Linux x64 or arm64" };
}

function ofNode(): Finding {
  return { id: "node", state: "ok", text: `Node ${process.versions.node}` };
}

function ofUser(): Finding {
  const uid = process.getuid?.() ?? -1;
  return { id: "user", state: "ok", text: uid === 0 ? "root" : `user ${uid}` };
}

function ofMemory(needs: Needs): Finding {
  const text = `${whole(totalmem())} of memory, ${whole(needs.memoryBytes)} needed`;
  if (totalmem() >= needs.memoryBytes) return { id: "memory", state: "ok", text };
  return { id: "memory", state: "refused", text, remedy: "give the machine more memory, or declare fewer or smaller environments for it" };
}

async function ofDisk(needs: Needs): Promise<Finding> {
  const { bavail, bsize } = await statfs("/var/lib");
  const text = `${whole(bavail * bsize)} free in /var/lib, ${whole(needs.diskBytes)} needed`;
  if (bavail * bsize >= needs.diskBytes) return { id: "disk", state: "ok", text };
  return { id: "disk", state: "refused", text, remedy: "free some space in /var/lib" };
}

async function ofDocker(): Promise<Finding> {
  const remedy = "install the Docker Engine (Debian: apt-get install docker.io) and start it";
  if (
    !(await access(SOCKET).then(
      () => true,
      () => false,
    ))
  )
    return { id: "docker", state: "missing", text: "there is no Docker Engine", remedy };
  const answer = await ping();
  if ("version" in answer) return { id: "docker", state: "ok", text: `Docker Engine, API ${answer.version}` };
  return { id: "docker", state: "missing", text: `the Docker Engine does not answer: ${answer.because}`, remedy };
}

function ping(): Promise<{ version: string } | { because: string }> {
  return new Promise((resolve) => {
    const call = request({ socketPath: SOCKET, path: "/_ping", timeout: PING_MS }, (response) => {
      response.resume();
      resolve({ version: String(response.headers["api-version"] ?? "unknown") });
    });
    call.once("timeout", () => call.destroy(new Error(`no answer in ${PING_MS / 1000} s`)));
    call.once("error", (error) => resolve({ because: error.message }));
    call.end();
  });
}

function whole(bytes: number): string {
  return bytes >= GIB ? formatSize(Math.round(bytes / GIB) * GIB) : formatSize(Math.round(bytes / 1024 ** 2) * 1024 ** 2);
}
