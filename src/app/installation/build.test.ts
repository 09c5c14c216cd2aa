import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildOf, ownBuild } from "./build.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-build-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string, second: number): void {
  writeFileSync(join(folder, file), text);
  utimesSync(join(folder, file), second, second);
}

test("a build is the same as long as its version and files are, and tests are no part of it", () => {
  mkdirSync(join(folder, "app"));
  write("app/a.ts", "one", 1000);
  const first = buildOf("0.1.0", [folder]);
  expect(first).toMatch(/^[0-9a-f]{12}$/);
  write("app/a.test.ts", "a test", 2000);
  expect(buildOf("0.1.0", [folder])).toBe(first);
  expect(buildOf("0.1.1", [folder])).not.toBe(first);
  write("app/a.ts", "two", 3000);
  const second = buildOf("0.1.0", [folder]);
  expect(second).not.toBe(first);
  write("b.ts", "", 1000);
  expect(buildOf("0.1.0", [folder])).not.toBe(second);
});

test("this program knows its own build, and says the same each time", () => {
  expect(ownBuild()).toBe(ownBuild());
});
