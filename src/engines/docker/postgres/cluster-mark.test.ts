import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IDENTITY } from "../observe/labels.ts";
import { markMade, showWhetherMade } from "./cluster-mark.ts";

const ID = "pool/everyone/data";
const VOLUME = { Name: "fleet-data", Labels: { [IDENTITY]: "one" } };
let folder: string;
const scope = () => ({ paths: { state: join(folder, "state") } });
const shown = async (volume = VOLUME) => {
  await showWhetherMade(scope(), { ...volume, id: ID }, folder);
  return existsSync(join(folder, "made"));
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-cluster-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a server is shown that there was a cluster in its volume, also after a restart of the machine took what it was shown", async () => {
  expect(await shown()).toBe(false);
  await markMade(scope(), ID, VOLUME);
  expect(await shown()).toBe(true);
  rmSync(join(folder, "made"));
  expect([await shown(), await shown()]).toEqual([true, true]);
});

test("another volume of the same name may begin: it was made since, by whoever typed that the former one is given up", async () => {
  await markMade(scope(), ID, VOLUME);
  expect(await shown()).toBe(true);
  expect(await shown({ ...VOLUME, Labels: { [IDENTITY]: "two" } })).toBe(false);
});

test("the mark says which volume it is of; one that is there and cannot be read is no leave to begin", async () => {
  await markMade(scope(), ID, VOLUME);
  const mark = join(folder, "state", "clusters", ID);
  expect(readFileSync(mark, "utf8")).toBe("fleet-data one\n");
  for (const text of ["", "fleet-da", "fleet-data one"]) {
    writeFileSync(mark, text);
    expect(await shown()).toBe(true);
  }
  rmSync(mark);
  expect(await shown()).toBe(false);
  mkdirSync(mark);
  expect(await shown()).toBe(true);
});
