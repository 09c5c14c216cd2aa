import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { startKeeping } from "./kept-files.ts";

let folder: string;
let path: string;
beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), "kept-"));
  path = join(folder, "api.token");
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** The kernel's own clock goes on by some milliseconds at once: what is written later has another time. */
function later(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
}

/** A file that is kept as `text.is`, with how often it was read, and what was told of it. */
function subject() {
  const text = { is: "one" };
  const seen = { reads: 0, told: [] as string[] };
  replaceFileNow(path, text.is, { mode: 0o600 });
  const keep = () => {
    seen.reads += 1;
    return replaceFileNow(path, text.is, { mode: 0o600 });
  };
  const keeping = startKeeping([{ path, keep }], (where, failed) => seen.told.push(`${where} ${failed?.message ?? "written"}`));
  return { text, seen, keeping };
}

test("a file that nobody touches is read once in half a minute", () => {
  const { seen, keeping } = subject();
  vi.advanceTimersByTime(60_000);
  keeping.stop();
  expect(seen).toEqual({ reads: 2, told: [] });
});

test.each([
  ["is spoilt", () => writeFileSync(path, "two")],
  ["is deleted", () => rmSync(path)],
  ["is readable by others", () => replaceFileNow(path, "one", { mode: 0o644 })],
])("one that %s is written again at the next look", (_, spoil) => {
  const { seen, keeping } = subject();
  vi.advanceTimersByTime(5000);
  later();
  spoil();
  vi.advanceTimersByTime(1000);
  keeping.stop();
  expect(seen.told).toEqual([`${path} written`]);
  expect(readFileSync(path, "utf8")).toBe("one");
});

test("one that is to say something else, and could not be written then, is written within half a minute", () => {
  const { text, seen, keeping } = subject();
  vi.advanceTimersByTime(2000);
  text.is = "other";
  vi.advanceTimersByTime(30_000);
  keeping.stop();
  expect([readFileSync(path, "utf8"), seen.told]).toEqual(["other", [`${path} written`]]);
});

test("one that was spoilt and has the same size and time of change as before is seen by what the kernel says of it", () => {
  const { keeping } = subject();
  const then = new Date(1_700_000_000_000);
  utimesSync(path, then, then);
  vi.advanceTimersByTime(2000);
  later();
  writeFileSync(path, "eno");
  utimesSync(path, then, then);
  vi.advanceTimersByTime(1000);
  keeping.stop();
  expect(readFileSync(path, "utf8")).toBe("one");
});

test("one that cannot be written is told once, and tried again at each look", () => {
  const told: string[] = [];
  let tries = 0;
  const keep = () => {
    tries += 1;
    throw new Error("no room");
  };
  const keeping = startKeeping([{ path: join(folder, "none"), keep }], (_, failed) => told.push(failed?.message ?? "written"));
  vi.advanceTimersByTime(5000);
  keeping.stop();
  expect([tries, told]).toEqual([5, ["no room"]]);
});
