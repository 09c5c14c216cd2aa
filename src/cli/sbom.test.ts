import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ProblemError } from "../kernel/problem.ts";
import type { ImageSbom } from "./port.ts";
import type { Invocation } from "./terminal/outcome.ts";
import { sbom } from "./verbs/sbom/run.ts";

const THERE = { image: "redis", document: { bomFormat: "CycloneDX", components: [{}, {}] } } satisfies ImageSbom;
const MISSING: ImageSbom = { image: "odoo-14" };

/** What the command line would hand over; of the ports only the one that is asked. */
function call(words: readonly string[], options: { out?: string }, images: readonly ImageSbom[] = [THERE, MISSING]) {
  return { context: { cwd: "/", ports: { sboms: async () => images } }, options, words } as unknown as Invocation<{ out?: string }>;
}

test("images that are not here are said to be unknown, never left out", async () => {
  expect((await sbom(call([], {}))).text).toBe(
    "redis           2 components\nnot built on this machine yet, so it cannot be determined: odoo-14",
  );
  const none = await sbom(call(["odoo-14"], {}));
  expect([none.exit, none.text]).toEqual([4, "not built on this machine yet, so it cannot be determined: odoo-14"]);
});

test("one image alone is printed whole, so that it can be piped", async () => {
  expect(JSON.parse((await sbom(call(["redis"], {}))).text)).toEqual(THERE.document);
});

test("an image of another name is refused with the names there are", async () => {
  const error = await sbom(call(["mysql"], {})).catch((caught: unknown) => caught);
  expect((error as ProblemError).problems.map((one) => `${one.code} ${one.message}`)).toEqual([
    "BAL-C001 there is no image named mysql; one of: redis, odoo-14",
  ]);
});

test("--out writes one file an image", async () => {
  const folder = join(mkdtempSync(join(tmpdir(), "ballast-bom-")), "deep");
  await sbom(call([], { out: folder }));
  expect([readdirSync(folder), JSON.parse(readFileSync(join(folder, "redis.cdx.json"), "utf8"))]).toEqual([
    ["redis.cdx.json"],
    THERE.document,
  ]);
});
