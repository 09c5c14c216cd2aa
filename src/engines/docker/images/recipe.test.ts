import { cp, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProblemError } from "../../../kernel/problem.ts";
import { baseArguments, baseIdentity, sourceLines, treeArguments } from "./bootstrap-arguments.ts";
import { hashRecipeFiles, loadRecipes, parseRecipe, type Recipe } from "./recipe.ts";
import { checkBase, imageReference } from "./reference.ts";

const IMAGES = join(import.meta.dirname, "../../../../images");
const MIRRORS = { main: "http://mirror.test/debian/", security: "http://mirror.test/debian-security/" };
let copy: string;

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), "ballast-recipes-"));
  await cp(IMAGES, copy, { recursive: true });
});
afterEach(() => rm(copy, { recursive: true, force: true }));

async function named(name: string, root = IMAGES): Promise<Recipe> {
  return (await loadRecipes(root)).find((recipe) => recipe.name === name) as Recipe;
}

function codesOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map((problem) => problem.code);
    throw error;
  }
  return [];
}

test("every image of the project has a recipe that passes", async () => {
  expect((await loadRecipes(IMAGES)).map((recipe) => recipe.name)).toEqual([
    "egress",
    "mailbox",
    "odoo-14",
    "odoo-19",
    "pgbouncer",
    "postgres",
    "redis",
    "traefik",
  ]);
});

test("the hash of a recipe does not depend on where it lies, on times, or on byte code left by Python", async () => {
  const before = await loadRecipes(IMAGES);
  await utimes(join(copy, "postgres/entry.sh"), 1, 1);
  await writeFile(join(copy, "odoo-19/addons/ballast_guard/left.pyc"), "rubbish");
  expect((await loadRecipes(copy)).map((recipe) => recipe.recipeHash)).toEqual(before.map((recipe) => recipe.recipeHash));
});

test("a changed file changes the hash of its recipe only, a changed shared file that of all", async () => {
  const hashes = async () => Object.fromEntries((await loadRecipes(copy)).map((recipe) => [recipe.name, recipe.recipeHash]));
  const before = await hashes();
  await writeFile(join(copy, "postgres/entry.sh"), "#!/bin/sh\n");
  const own = await hashes();
  expect([own["postgres"] === before["postgres"], own["traefik"] === before["traefik"]]).toEqual([false, true]);
  await writeFile(join(copy, "shared/prepare.sh"), "#!/bin/sh\n");
  const shared = await hashes();
  expect([shared["odoo-19"] === own["odoo-19"], shared["traefik"] === own["traefik"]]).toEqual([false, false]);
});

test("the same content under another path is another recipe", () => {
  const content = new Uint8Array([1]);
  expect(hashRecipeFiles([{ path: "a", content }])).not.toBe(hashRecipeFiles([{ path: "b", content }]));
});

test("all malformed recipes are reported at once, each at its file", async () => {
  await writeFile(join(copy, "traefik/recipe.json"), "{");
  await rm(join(copy, "postgres/Dockerfile"));
  const thrown = await loadRecipes(copy).catch((error: unknown) => error);
  const problems = (thrown as ProblemError).problems.map((problem) => [problem.code, problem.at]);
  expect(problems).toEqual([
    ["BAL-I001", "postgres/Dockerfile"],
    ["BAL-I001", "traefik/recipe.json"],
  ]);
});

test("a text that could break out of a shell line is no path and no package", async () => {
  const recipe = await named("traefik");
  const withBase = (base: object) => JSON.stringify({ name: "x", title: "x", base: { ...recipe.base, ...base } });
  expect(codesOf(() => parseRecipe(withBase({}), "x"))).toEqual([]);
  for (const remove of ["/etc", "../etc", "a b", "a;b", "$(id)", "-rf"]) {
    expect(codesOf(() => parseRecipe(withBase({ remove: [remove] }), "x"))).toEqual(["BAL-I001"]);
  }
  expect(codesOf(() => parseRecipe(withBase({ packages: ["bash$(id)"] }), "x"))).toEqual(["BAL-I001"]);
});

test("a base from a registry must be named by digest, and gives an image of another name", async () => {
  const recipe = await named("postgres");
  const pinned = { from: "registry", reference: `registry.test:5000/library/postgres@sha256:${"a".repeat(64)}` } as const;
  expect(codesOf(() => checkBase(recipe, { from: "registry", reference: "postgres:15" }))).toEqual(["BAL-I002"]);
  expect(codesOf(() => checkBase(recipe, pinned))).toEqual([]);
  expect(imageReference(recipe)).toBe(`ballast/postgres:${recipe.recipeHash.slice(0, 12)}`);
  expect(imageReference(recipe, pinned)).not.toBe(imageReference(recipe));
});

test("the arguments of mmdebstrap take each source from its own archive and forget the mirror at the end", async () => {
  const { base } = await named("postgres");
  const args = baseArguments({ base, mirrors: MIRRORS, parts: [], target: "/cache/x.tar" });
  expect(args.slice(-4)).toEqual([
    "bookworm",
    "/cache/x.tar",
    "deb http://mirror.test/debian/ bookworm main",
    "deb http://mirror.test/debian-security/ bookworm-security main",
  ]);
  expect(args.some((arg) => arg.includes("rm -rf") && arg.includes("etc/apt/sources.list"))).toBe(true);
  expect(sourceLines(base.sources, { main: MIRRORS.main })).toEqual(["deb http://mirror.test/debian/ bookworm main"]);
});

test("a path of this machine with a quote in it stays one word of a hook", async () => {
  const { base } = await named("traefik");
  const parts = [{ kind: "program", file: "/it's/traefik", at: "/usr/local/bin/traefik" }] as const;
  const args = baseArguments({ base, mirrors: MIRRORS, parts, target: "t" });
  expect(args).toContain(`--customize-hook=upload '/it'\\''s/traefik' /usr/local/bin/traefik`);
});

test("the identity of a base knows its packages and its date, and no mirror", async () => {
  const { base } = await named("odoo-19");
  expect(baseIdentity(base).join("\n")).not.toContain("mirror.test");
  expect(baseIdentity({ ...base, asOf: "2027-01-01" })).not.toEqual(baseIdentity(base));
  const [tree] = base.trees;
  expect(tree && treeArguments(tree, MIRRORS, base, "t").includes("--variant=extract")).toBe(true);
});

test("a library is pinned by one hash, comes with the build and not with the base, and a new version is a new image", async () => {
  const recipe = await named("odoo-14");
  expect(recipe.libraries.map(({ package: name, take, at }) => [name, take, at])).toEqual([
    ["odoo14-addon-queue-job", "odoo/addons", "/opt/ballast/addons"],
  ]);
  expect(baseIdentity(recipe.base).join("\n")).not.toContain("queue-job");
  const file = join(copy, "odoo-14/recipe.json");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"version": "14.0.3', '"version": "14.0.4'));
  expect((await named("odoo-14", copy)).recipeHash).not.toBe(recipe.recipeHash);
  expect(codesOf(() => parseRecipe(text.replace(/"sha256": "[0-9a-f]+"/, '"sha256": ""'), "x"))).toEqual(["BAL-I001"]);
});
