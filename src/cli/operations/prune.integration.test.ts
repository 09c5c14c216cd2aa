import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ANSWERS } from "../terminal/json.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Holds a fleet that never wrote down what it uses: while it is there, not one image of this machine may be taken for superseded. */
const home = mkdtempSync(join(tmpdir(), "ballast-mute-"));
mkdirSync(join(home, "mute"));
writeFileSync(join(home, "mute", "api.token"), "t\n");
afterAll(() => rmSync(home, { recursive: true }));

test("no image is removed while a fleet cannot say what it uses, and the page of doctor names that fleet", () => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, BALLAST_STATE_HOME: home };
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(ROOT, "src/cli/main.ts"), "doctor", "--json", ...words], { cwd: ROOT, env, encoding: "utf8" });
  const pruned = run("--prune", "--yes");
  expect([pruned.status, ANSWERS.doctor.parse(JSON.parse(pruned.stdout))]).toEqual([0, { findings: [], removed: [] }]);
  const page = ANSWERS.doctor.parse(JSON.parse(run().stdout));
  const images = page.findings.find(({ id }) => id === "images");
  const docker = page.findings.find(({ id }) => id === "docker")?.state;
  // Without an engine there is nothing to say about images.
  const expected = docker === "ok" ? ["warning", true] : [undefined, undefined];
  expect([images?.state, images?.text.includes("mute")]).toEqual(expected);
});
