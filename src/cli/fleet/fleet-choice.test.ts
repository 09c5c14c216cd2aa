import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProblemError } from "../../kernel/problem.ts";
import { chooseFleet, readWords } from "./fleet-choice.ts";
import { holdsFleet, readFleetFiles } from "./fleet-files.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ballast-choice-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text = "kind: Fleet\nmetadata: { name: one }\n"): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function around(cwd = root, env: Record<string, string> = {}) {
  const home = join(root, "home");
  const places = (fleet: string) => {
    const at = join(home, fleet);
    const files = {
      keyFile: "",
      tokenFile: join(at, "api.token"),
      serverFile: join(at, "server.json"),
      endFile: join(at, "ended"),
      stoppedFile: join(at, "stopped.json"),
      logFile: "",
      credentialsFile: "",
      authorityFile: "",
    };
    return { fleet, root: at, volatile: "", ...files };
  };
  return { cwd, env, installations: async () => ({ home, of: places }) };
}

function codesOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    return (error as ProblemError).problems.map((problem) => `${problem.code} ${problem.at}`);
  }
  return [];
}

test("all YAML below a folder is read in one order, without dot folders and packages", () => {
  for (const path of ["f/b.yml", "f/a/c.yaml", "f/.git/d.yaml", "f/node_modules/e.yaml", "f/readme.md"]) write(path);
  expect(readFleetFiles("f", root).files.map((file) => file.path)).toEqual(["a/c.yaml", "b.yml"]);
  expect(readFleetFiles("f/b.yml", root).files.map((file) => file.path)).toEqual(["b.yml"]);
});

test("links that lead out, folders without YAML and too much of it are refused with a code", () => {
  write("outside.yaml");
  write("f/a.yaml");
  symlinkSync(join(root, "outside.yaml"), join(root, "f/link.yaml"));
  symlinkSync(".", join(root, "f/loop"));
  write("elsewhere/b.yaml");
  symlinkSync(join(root, "elsewhere"), join(root, "f/linked-folder"));
  symlinkSync("../../outside.yaml", join(root, "f/nowhere.yaml"));
  mkdirSync(join(root, "empty"));
  write("large/a.yaml", "#".repeat(100));
  const limits = { files: 1, fileBytes: 50, totalBytes: 1000 };
  expect([
    codesOf(() => readFleetFiles("f", root)),
    codesOf(() => readFleetFiles("empty", root)),
    codesOf(() => readFleetFiles("nowhere", root)),
    codesOf(() => readFleetFiles("large", root, limits)),
  ]).toEqual([
    ["BAL-C005 link.yaml", "BAL-C005 linked-folder", "BAL-C005 nowhere.yaml"],
    ["BAL-C004 empty"],
    ["BAL-C004 nowhere"],
    ["BAL-C006 a.yaml"],
  ]);
});

test("the folder wins over --fleet, that over BALLAST_FLEET, that over the current folder", async () => {
  for (const name of ["positional", "flag", "env", "here"]) write(`${name}/fleet.yaml`);
  const here = around(join(root, "here"), { BALLAST_FLEET: join(root, "env") });
  const chosen = async (desired: object, at = here) => {
    const choice = await chooseFleet(desired, at);
    return choice.kind === "files" ? choice.files.folder.slice(root.length + 1) : choice.fleet;
  };
  expect([
    await chosen({ folder: join(root, "positional"), flag: join(root, "flag") }),
    await chosen({ flag: join(root, "flag") }),
    await chosen({}),
    await chosen({}, around(join(root, "here"))),
  ]).toEqual(["positional", "flag", "env", "here"]);
  expect([holdsFleet(join(root, "here")), holdsFleet(root)]).toEqual([true, false]);
});

test("what an editor leaves beside the fleet, and what is no file, hides it from no command", () => {
  write("here/fleet.yaml");
  symlinkSync("anna@host.4242:17", join(root, "here/.#fleet.yaml"));
  execFileSync("mkfifo", [join(root, "here/a.yaml")]);
  mkdirSync(join(root, "here/b.yaml"));
  symlinkSync("nowhere", join(root, "here/c.yaml"));
  symlinkSync("/dev/zero", join(root, "here/d.yaml"));
  expect(holdsFleet(join(root, "here"))).toBe(true);
});

test("where a file that may hold the fleet cannot be read, no other fleet is taken", async () => {
  write("home/one/api.token", "t");
  write("home/one/server.json", "{}");
  write("here/tenant.yaml", "kind: Tenant\n");
  expect(await chooseFleet({}, around(join(root, "here")))).toEqual({ kind: "installed", fleet: "one", chosen: false });
  symlinkSync("nowhere", join(root, "here/fleet.yaml"));
  symlinkSync("loop.yaml", join(root, "here/loop.yaml"));
  expect(codesOf(() => holdsFleet(join(root, "here")))).toEqual(["BAL-C005 fleet.yaml", "BAL-C005 loop.yaml"]);
  await expect(chooseFleet({}, around(join(root, "here")))).rejects.toThrow("whether the current folder holds a fleet cannot be known");
  expect(await chooseFleet({ flag: "one" }, around(join(root, "here")))).toMatchObject({ fleet: "one" });
});

test("the only fleet that runs is taken; of several none is guessed", async () => {
  write("home/one/api.token", "t");
  write("home/two/api.token", "t");
  await expect(chooseFleet({}, around())).rejects.toThrow("several fleets are here: one, two");
  write("home/two/server.json", "{}");
  expect(await chooseFleet({}, around())).toEqual({ kind: "installed", fleet: "two", chosen: false });
  expect(await chooseFleet({ flag: "one" }, around())).toEqual({ kind: "installed", fleet: "one", chosen: true });
  write("home/one/server.json", "{}");
  await expect(chooseFleet({}, around())).rejects.toThrow("BAL-C003");
});

test("one word alone is a folder where there is one, else an address", () => {
  mkdirSync(join(root, "examples/hello"), { recursive: true });
  expect([
    readWords([], root),
    readWords(["examples/hello"], root),
    readWords(["acme/production"], root),
    readWords(["examples/hello", "acme/production"], root),
  ]).toEqual([{}, { folder: "examples/hello" }, { address: "acme/production" }, { folder: "examples/hello", address: "acme/production" }]);
});
