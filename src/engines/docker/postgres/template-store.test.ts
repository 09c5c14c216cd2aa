import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { extract, pack } from "tar-stream";
import { expect, test } from "vitest";
import { DAMAGES, damage } from "../../../../test/support/damage.ts";
import type { Scope } from "../scope.ts";
import { archiveAt, isKept, keepArchive, keptArchive, saveFilestore } from "./template-store.ts";

test("of what lies beside the attachments of a template nothing is kept: no link, no device, no path that leads out, no other file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-filestore-"));
  const digest = "0123456789abcdef0123456789abcdef01234567";
  const out = pack();
  out.entry({ name: "making_x/", type: "directory" });
  out.entry({ name: `making_x/01/${digest}` }, "kept");
  out.entry({ name: `making_x/checklist/01/${digest}` }, "");
  out.entry({ name: `making_x/02/${digest}`, type: "symlink", linkname: "/etc/passwd" });
  out.entry({ name: `making_x/03/${digest}`, type: "link", linkname: "/etc/passwd" });
  out.entry({ name: `making_x/04/${digest}`, type: "fifo" });
  out.entry({ name: "making_x/../../etc/cron.d/x" }, "x");
  out.entry({ name: `making_x/../05/${digest}` }, "x");
  out.entry({ name: `/06/${digest}` }, "x");
  out.entry({ name: "making_x/notes" }, "x");
  out.finalize();
  const file = join(folder, "filestore.tar");
  await saveFilestore(Readable.from(out) as NodeJS.ReadableStream, "making_x", file);
  const kept: string[] = [];
  for await (const entry of createReadStream(file).pipe(extract())) {
    kept.push(`${entry.header.type} ${entry.header.name}`);
    entry.resume();
  }
  expect(kept).toEqual([`file 01/${digest}`, `file checklist/01/${digest}`]);
  rmSync(folder, { recursive: true });
});

test("an archive is not written where something is already, such as a link that a job left in the folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-filestore-"));
  const [victim, file] = [join(folder, "victim"), join(folder, "filestore.tar")];
  writeFileSync(victim, "as it was");
  symlinkSync(victim, file);
  const out = pack();
  out.finalize();
  await expect(saveFilestore(Readable.from(out) as NodeJS.ReadableStream, "making_x", file)).rejects.toThrow("EEXIST");
  expect(readFileSync(victim, "utf8")).toBe("as it was");
  rmSync(folder, { recursive: true });
});

test("attachments whose stream breaks off end the saving", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-filestore-"));
  const broken = Readable.from(
    (async function* () {
      yield Buffer.alloc(100);
      throw new Error("the engine went away");
    })(),
  );
  await expect(saveFilestore(broken, "making_x", join(folder, "one.tar"))).rejects.toThrow("the engine went away");
  rmSync(folder, { recursive: true });
});

test("an archive of which something was cut or lost counts as not there, and the next one takes its place", async () => {
  const cache = mkdtempSync(join(tmpdir(), "ballast-archives-"));
  const scope = { paths: { cache } } as Scope;
  const made = () => {
    const archive = archiveAt(join(cache, "templates", ".making-abc"), "abc");
    mkdirSync(archive.folder, { recursive: true });
    writeFileSync(archive.dump, "PGDMP and more");
    writeFileSync(archive.filestore, "a tape archive");
    return archive;
  };
  const place = keptArchive(scope, "abc");
  await keepArchive(scope, made());
  expect(await isKept(place)).toBe(true);
  for (const how of DAMAGES) {
    for (const path of [place.dump, place.filestore]) {
      damage(path, how);
      // What has another content of another size; bytes that were swapped are found by whoever restores it.
      expect([how, await isKept(place)]).toEqual([how, false]);
      await keepArchive(scope, made());
      expect([how, await isKept(place)]).toEqual([how, true]);
    }
  }
  rmSync(join(place.folder, "sizes.json"));
  expect(await isKept(place)).toBe(true);
  await expect(keepArchive(scope, archiveAt(join(cache, "nowhere"), "abc"))).rejects.toThrow("BAL-E001");
  rmSync(cache, { recursive: true });
});
