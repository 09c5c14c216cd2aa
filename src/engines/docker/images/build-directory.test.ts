import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCommand } from "../container/command.ts";
import { finished, openBuildDirectory } from "./build-directory.ts";
import { holdLock } from "./lock.ts";
import { readEngineStream } from "./stream.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-build-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a file is made once; a failed attempt leaves neither the file nor its room", async () => {
  const buildDirectory = await openBuildDirectory(folder);
  const path = join(folder, "kept/x.tar");
  const failing = finished(buildDirectory, path, async (target) => {
    await writeFile(target, "half");
    throw new Error("killed");
  });
  await expect(failing).rejects.toThrow("killed");
  expect([await readdir(join(folder, "kept")), await readdir(join(folder, "rooms"))]).toEqual([[], []]);
  await finished(buildDirectory, path, (target) => writeFile(target, "whole"));
  await finished(buildDirectory, path, () => Promise.reject(new Error("made twice")));
  expect(await readFile(path, "utf8")).toBe("whole");
});

test.skipIf(process.getuid?.() !== 0)(
  "nobody but root and apt's own group passes the folder of rooms, whatever the umask and an earlier version left",
  async () => {
    await mkdir(join(folder, "rooms"));
    await chmod(join(folder, "rooms"), 0o777);
    const before = process.umask(0);
    try {
      const buildDirectory = await openBuildDirectory(folder);
      const [rooms, room] = [await stat(join(folder, "rooms")), await stat(await buildDirectory.room())];
      expect([rooms.mode & 0o777, rooms.uid, rooms.gid, room.mode & 0o777]).toEqual([0o710, 0, 65_534, 0o755]);
    } finally {
      process.umask(before);
    }
  },
);

test("sweeping removes the rooms of dead processes and no other", async () => {
  const buildDirectory = await openBuildDirectory(folder);
  const dead = await runCommand({ command: "sh", args: ["-c", "echo $$"], timeoutSeconds: 5 });
  for (const name of [`${dead.stdout.trim()}-gone`, "1-init", "notes"]) await mkdir(join(folder, "rooms", name));
  const mine = await buildDirectory.room();
  await buildDirectory.sweep();
  expect(new Set(await readdir(join(folder, "rooms")))).toEqual(new Set(["1-init", mine.split("/").at(-1), "notes"]));
});

test("a lock is held by one, waited for by the next, and free once released", async () => {
  const name = `test ${folder}`;
  const first = await holdLock(name, () => undefined);
  let waits = 0;
  const second = holdLock(name, () => {
    waits += 1;
  });
  await expect(holdLock(name, () => undefined, AbortSignal.timeout(100))).rejects.toThrow("aborted");
  await first.release();
  await (await second).release();
  expect(waits).toBe(1);
});

test("a command always ends, and says how", async () => {
  const run = (command: string, args: string[], timeoutSeconds = 10, signal?: AbortSignal) =>
    runCommand({ command, args, timeoutSeconds, ...(signal === undefined ? {} : { signal }) });
  expect(await run("sh", ["-c", "echo a; echo b >&2; exit 3"])).toMatchObject({ end: "exited", exitCode: 3, stdout: "a\n" });
  expect((await run("no-such-program", [])).end).toBe("not-found");
  expect((await run("sh", ["-c", "sleep 60 & wait"], 0.2)).end).toBe("timed-out");
  expect((await run("sleep", ["60"], 10, AbortSignal.abort())).end).toBe("aborted");
});

test("a failure that the engine reports inside its stream is not missed, wherever the chunks are cut", async () => {
  const text =
    '{"stream":"Step 1/2 : FROM x\\n"}\n{"status":"Pulling","progress":"[=>]"}\n{"aux":{"ID":"sha256:1"}}\n{"error":"no space left on device"}\n';
  const lines: string[] = [];
  const end = await readEngineStream(Readable.from([text.slice(0, 11), text.slice(11, 90), text.slice(90)]), (line) => lines.push(line));
  expect(end).toEqual({ imageId: "sha256:1", error: "no space left on device", tail: lines });
  expect(lines).toEqual(["Step 1/2 : FROM x", "no space left on device"]);
});
