import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the JSON Schema and the reference are what the schemas say now", () => {
  const done = spawnSync(process.execPath, [join(import.meta.dirname, "generate.ts"), "--check"], { encoding: "utf8" });
  expect([done.status, done.stdout]).toEqual([0, ""]);
});
