import {
  chownSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archiveAt, type TemplateArchive } from "../postgres/template-store.ts";
import { unpackFilestore } from "./unpack-filestore.ts";

const DIGESTS = Array.from({ length: 40 }, (_, index) => index.toString(16).padStart(40, "0"));
const digest = DIGESTS[0] as string;

let folder: string;
let archive: TemplateArchive;
let into: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-unpack-"));
  archive = archiveAt(folder, "abc");
  into = join(folder, "_data");
  mkdirSync(into);
  chownSync(into, 10_001, 10_001);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function kept(entries: Readonly<Record<string, string>>): Promise<void> {
  const out = pack();
  for (const [name, content] of Object.entries(entries)) out.entry({ name, mode: 0o640 }, content);
  out.finalize();
  writeFileSync(archive.filestore, await buffer(out));
}

function unpacked(signal = new AbortController().signal): Promise<void> {
  return unpackFilestore(archive, { into, database: "acme_production", signal });
}

// To unpack as another user is root's to do, as all of Ballast's work with Docker is.
describe.skipIf(process.getuid?.() !== 0)("unpacking", () => {
  test("every attachment lies under the database's name, and every folder and file is the containers' user's", async () => {
    await kept({ [`checklist/00/${digest}`]: "", [`00/${digest}`]: "one", [`01/${digest}`]: "two" });
    await unpacked();
    const found = globSync("**", { cwd: into }).filter((path) => path !== ".");
    const shown = found.map((path) => {
      const { mode, uid, gid } = lstatSync(join(into, path));
      return `${(mode & 0o7777).toString(8)} ${uid}:${gid} ${path}`;
    });
    expect(shown.sort()).toEqual(
      [
        "750 10001:10001 filestore",
        "750 10001:10001 filestore/acme_production",
        "750 10001:10001 filestore/acme_production/00",
        "750 10001:10001 filestore/acme_production/01",
        "750 10001:10001 filestore/acme_production/checklist",
        "750 10001:10001 filestore/acme_production/checklist/00",
        `640 10001:10001 filestore/acme_production/00/${digest}`,
        `640 10001:10001 filestore/acme_production/01/${digest}`,
        `640 10001:10001 filestore/acme_production/checklist/00/${digest}`,
      ].sort(),
    );
    expect(readFileSync(join(into, `filestore/acme_production/01/${digest}`), "utf8")).toBe("two");
  });

  test("what an interrupted unpacking left is written again, whole", async () => {
    await kept(Object.fromEntries(DIGESTS.map((name) => [`00/${name}`, name])));
    const root = join(into, "filestore/acme_production/00");
    mkdirSync(root, { recursive: true });
    for (const one of ["filestore", "filestore/acme_production", "filestore/acme_production/00"])
      chownSync(join(into, one), 10_001, 10_001);
    writeFileSync(join(root, digest), "half of something that was longer than what is to be there, much longer");
    await unpacked();
    expect(Object.fromEntries(readdirSync(root).map((name) => [name, readFileSync(join(root, name), "utf8")]))).toEqual(
      Object.fromEntries(DIGESTS.map((name) => [name, name])),
    );
  });

  test.each(["filestore", "filestore/acme_production", "filestore/acme_production/00", `filestore/acme_production/00/${digest}`])(
    "a link at %s leads nowhere",
    async (place) => {
      await kept({ [`00/${digest}`]: "one" });
      const elsewhere = join(folder, "elsewhere");
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, "victim"), "as it was");
      mkdirSync(join(into, place, ".."), { recursive: true });
      symlinkSync(place.endsWith(digest) ? join(elsewhere, "victim") : elsewhere, join(into, place));
      await unpacked().catch(() => undefined);
      expect([readdirSync(elsewhere), readFileSync(join(elsewhere, "victim"), "utf8")]).toEqual([["victim"], "as it was"]);
    },
  );

  test.each(["../../../../elsewhere/x", "/elsewhere/x"])("a name in the archive that leads out writes nothing there: %s", async (name) => {
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    await kept({ [name]: "x" });
    await unpacked().catch(() => undefined);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  /** An archive on the disk that is no longer what it was. */
  const SPOILT: Record<string, (file: string, whole: Buffer) => void> = {
    missing: (file) => rmSync(file),
    "a folder": (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    "cut inside a file": (file, whole) => writeFileSync(file, whole.subarray(0, 700)),
    "no archive": (file) => writeFileSync(file, "x".repeat(2048)),
  };

  test.each(Object.entries(SPOILT))("an archive that is %s ends it with a code, and nothing else", async (_how, spoil) => {
    await kept({ [`00/${digest}`]: "x".repeat(600) });
    spoil(archive.filestore, readFileSync(archive.filestore));
    await expect(unpacked()).rejects.toThrow("BAL-E050");
  });

  test("it ends where it is asked to", async () => {
    await kept({ [`00/${digest}`]: "one" });
    await expect(unpacked(AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });
});
