import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { simulatedHome } from "../../../test/support/simulated-home.ts";

const HELLO = readFileSync(join(import.meta.dirname, "..", "..", "..", "examples", "hello", "fleet.yaml"), "utf8");
const { run, write, close } = await simulatedHome("effect");
const TOLD = /fleet\.yaml:\d+:\d+ BAL-B085 warning pool\/everyone: postgres\.storage has no effect in this version/;

beforeAll(() => write("fleet", HELLO.replace("metadata: { name: everyone }", "$&\nspec: { postgres: { storage: 100Gi } }")));
afterAll(close);

test("a field that nothing uses yet is told of by validate, plan and apply, at its place, and stops none of them", async () => {
  const validated = await run("validate fleet");
  expect([validated.exit, validated.out]).toEqual([0, expect.stringMatching(TOLD)]);
  const first = await run("plan fleet");
  expect([first.exit, first.out]).toEqual([
    0,
    expect.stringMatching(/fleet\.yaml:\d+:\d+ BAL-B085 pool\/everyone: postgres\.storage has no/),
  ]);
  const upped = await run("up fleet --yes");
  expect([upped.exit, upped.err]).toEqual([0, expect.stringMatching(TOLD)]);
  const applied = await run("apply fleet");
  expect([applied.exit, applied.err]).toEqual([0, expect.stringMatching(TOLD)]);
  const planned = await run("plan fleet");
  expect([planned.exit, planned.out]).toEqual([0, expect.stringContaining("BAL-B085 pool/everyone: postgres.storage has no effect")]);
  const answered = await run("apply fleet --json");
  expect(answered.out).toMatch(/"problems":\s*\[\s*\{\s*"code":\s*"BAL-B085"/);
  expect((await run("why fleet BAL-B085 pool/everyone")).out).toContain("pool/everyone: postgres.storage has no effect");
  expect((await run("why fleet BAL-B085 acme/production")).out).toContain("the fleet in fleet does not meet it at acme/production");
});
