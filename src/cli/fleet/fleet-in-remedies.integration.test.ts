import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { simulatedHome } from "../../../test/support/simulated-home.ts";

const HELLO = readFileSync(join(import.meta.dirname, "..", "..", "..", "examples", "hello", "fleet.yaml"), "utf8");
const { run, write, installation, close } = await simulatedHome("remedies");

beforeAll(async () => {
  write("fleet", HELLO);
  await run("up fleet --yes");
});
afterAll(close);

test("a remedy names the fleet once several are here, and not before", async () => {
  const asked = async (words: string) => (await run(words)).err;
  expect(await asked("why op-1 --fleet fleet")).toContain("→ ballast operations lists them");
  const other = join(installation, "..", "other");
  mkdirSync(other);
  for (const file of ["instance", "server.json"]) writeFileSync(join(other, file), "x");
  expect(await asked("why op-1")).toContain("several fleets are here: hello, other");
  expect(await asked("why op-1 --fleet fleet")).toContain("→ ballast operations --fleet fleet lists them");
  expect(await asked("why op-1 --fleet hello")).toContain("→ ballast operations --fleet hello lists them");
  expect(await asked("why fleet op-1")).toContain("→ ballast operations --fleet fleet lists them");
});
