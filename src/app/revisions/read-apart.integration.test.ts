import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadFleet } from "../../domain/fleet/load.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { type ApartLimits, readApart } from "./read-apart.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const TODAY = { today: "2026-11-22" };
const ALWAYS: ApartLimits = { atOnceCharacters: 0, seconds: 60, memoryMiB: 512 };
const files = [{ path: "fleet.yaml", text: HELLO }];

test("a fleet that was read in another process is the same, with every value, source and place", async () => {
  const [apart, here] = [await readApart(files, TODAY, ALWAYS), loadFleet(files, TODAY)];
  if (!apart.ok || !here.ok) throw new Error("the example has mistakes");
  expect([apart.value.fleet, apart.value.addresses, apart.warnings]).toEqual([here.value.fleet, here.value.addresses, here.warnings]);
  for (const address of [...here.value.addresses, "nowhere"]) {
    expect(apart.value.effectiveOf(address)).toEqual(here.value.effectiveOf(address));
    expect(apart.value.placeOf(address)).toBe(here.value.placeOf(address));
    for (const { field, source } of here.value.effectiveOf(address)) expect(apart.value.sourceOf(address, field)).toEqual(source);
  }
});

test("mistakes are told from there as from here", async () => {
  const wrong = [{ path: "fleet.yaml", text: HELLO.replace("hosting:", "hostin:") }];
  expect(await readApart(wrong, TODAY, ALWAYS)).toEqual(loadFleet(wrong, TODAY));
});

const large = Array.from({ length: 8 }, (_, index) => ({ path: `f${index}.yaml`, text: `a:\n${"- [x, y]\n".repeat(27_000)}` }));
const codeOf = async (work: Promise<unknown>) => {
  const error = await work.catch((caught: unknown) => caught);
  return error instanceof ProblemError ? error.problems.map((problem) => `${problem.code} ${problem.message}`).join() : error;
};

test("one that takes too long or too much memory is refused, and the next one is read", async () => {
  expect(await codeOf(readApart(large, TODAY, { ...ALWAYS, seconds: 0.05 }))).toBe("BAL-A033 reading the fleet took longer than 0.05 s");
  expect(await codeOf(readApart(large, TODAY, { ...ALWAYS, memoryMiB: 16 }))).toBe("BAL-A033 reading the fleet needed more than 16 MiB");
  expect((await readApart(files, TODAY, ALWAYS)).ok).toBe(true);
});

test("while a large fleet is read, this thread goes on", async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const read = await readApart(large.slice(0, 2), TODAY, { ...ALWAYS, seconds: 200, memoryMiB: 1024 });
  clearInterval(timer);
  expect([read.ok, turns > 5]).toEqual([false, true]);
});
