import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { simulatedHome } from "../../../test/support/simulated-home.ts";

const HELLO = readFileSync(join(import.meta.dirname, "..", "..", "..", "examples", "hello", "fleet.yaml"), "utf8");
const { run, write, kill, close } = await simulatedHome("stopped");
const DOWN = "down fleet --confirm hello --reason test";

beforeAll(() => write("fleet", HELLO));
afterAll(close);

test("a fleet that was stopped is told as that, with its moment; one whose control plane was killed is not", async () => {
  await run("up fleet --yes");
  expect(await run(DOWN)).toMatchObject({ exit: 0 });
  const stopped =
    /^hello BAL-C110 error the fleet is stopped, as somebody asked for: since 2026-11-22 \d\d:\d\d CET \(operation op-[\w-]+\); its control plane ended with it → to start it: \.\/ballast up fleet$/;
  for (const line of ["status fleet", "apply fleet", "logs fleet acme/production"])
    expect(await run(line)).toEqual({ exit: 1, out: "", err: expect.stringMatching(stopped) });
  const up = await run("up fleet --yes");
  expect([up.exit, up.err]).toEqual([0, expect.not.stringContaining("BAL-C110")]);
  kill();
  expect(await run("status fleet")).toMatchObject({ exit: 4, err: expect.stringContaining("BAL-C007 error no control plane runs") });
});
