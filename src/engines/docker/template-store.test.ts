import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract, pack } from "tar-stream";
import { expect, test } from "vitest";
import { filestoreStream } from "./template-store.ts";

test("every folder of a tenant's attachments is named before what lies in it, and belongs to the containers' user", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-filestore-"));
  const file = join(folder, "filestore.tar");
  const out = pack();
  const written = pipeline(out, createWriteStream(file));
  for (const name of ["checklist/00/a", "checklist/01/b", "00/c"]) out.entry({ name }, "x");
  out.finalize();
  await written;
  const found: string[] = [];
  for await (const entry of filestoreStream(file, "acme_production").pipe(extract())) {
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
