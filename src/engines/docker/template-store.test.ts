import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract, pack } from "tar-stream";
import { expect, test } from "vitest";
import { DAMAGES, damage } from "../../../test/support/damage.ts";
import type { Scope } from "./scope.ts";
import { archiveAt, filestoreStream, isKept, keepArchive, keptArchive, saveFilestore } from "./template-store.ts";

test("every folder of a tenant's attachments is named before what lies in it, and belongs to the containers' user", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-filestore-"));
  const file = join(folder, "filestore.tar");
  const out = pack();
  const written = pipeline(out, createWriteStream(file));
  for (const name of ["checklist/00/a", "checklist/01/b", "00/c"]) out.entry({ name }, "x");
  out.finalize();
  await written;
  const found: string[] = [];
  for await (const entry of filestoreStream(archiveAt(folder, "abc"), "acme_production").pipe(extract())) {
    const { name, type, uid, gid } = entry.header;
    found.push(`${type} ${name.replace(/\/$/, "")} ${uid}:${gid}`);
    entry.resume();
  }
  rmSync(folder, { recursive: true });
  const owned = (lines: string[]) => lines.map((line) => `${line} 10001:10001`);
  expect(found).toEqual(
    owned([
      "directory filestore",
      "directory filestore/acme_production",
      "directory filestore/acme_production/checklist",
      "directory filestore/acme_production/checklist/00",
      "file filestore/acme_production/checklist/00/a",
      "directory filestore/acme_production/checklist/01",
      "file filestore/acme_production/checklist/01/b",
      "directory filestore/acme_production/00",
      "file filestore/acme_production/00/c",
    ]),
  );
});

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

/** An archive on the disk that is no longer what it was. */
const SPOILT: Record<string, (file: string, whole: Buffer) => void> = {
  missing: () => undefined,
  "a folder": (file) => mkdirSync(file),
  "cut inside a file": (file, whole) => writeFileSync(file, whole.subarray(0, 700)),
  "no archive": (file) => writeFileSync(file, "x".repeat(2048)),
};

test.each(Object.entries(SPOILT))("an archive that is %s ends its readers with a code, and nothing else", async (_how, spoil) => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-filestore-"));
  const archive = archiveAt(folder, "abc");
  const out = pack();
  const whole = buffer(out);
  out.entry({ name: "00/a" }, "x".repeat(600));
  out.finalize();
  spoil(archive.filestore, await whole);
  await expect(buffer(filestoreStream(archive, "acme_production"))).rejects.toThrow("BAL-E050");
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
