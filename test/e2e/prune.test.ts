import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { prunable, prune } from "../../src/app/operations/prune.ts";

const docker = dockerClient();
/** Nobody else's images bear this name: what the test removes can only be its own. */
const namespace = `ballast-test-${randomBytes(3).toString("hex")}`;
const home = mkdtempSync(join(tmpdir(), "ballast-prune-"));
const parts = { docker, home, references: [`${namespace}/odoo:next`], namespace, settledSeconds: -60 };
let container: string;

/** An image of one file, told from others by what the file says. */
async function imported(name: string): Promise<void> {
  const archive = pack();
  archive.entry({ name: "mark" }, `${namespace} ${name}`);
  archive.finalize();
  const [repo, tag] = `${namespace}/${name}`.split(":") as [string, string];
  const stream = await docker.importImage(Readable.from(await buffer(archive)), { repo, tag });
  await buffer(stream);
}

function fleet(name: string, images: readonly string[] | undefined): void {
  mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, name, "api.token"), "t\n");
  if (images !== undefined) writeFileSync(join(home, name, "images.json"), JSON.stringify(images));
}

async function names(): Promise<readonly string[]> {
  const images = await docker.listImages();
  return images
    .flatMap((image) => image.RepoTags ?? [])
    .filter((tag) => tag.startsWith(namespace))
    .sort();
}

beforeAll(async () => {
  for (const name of ["odoo:old", "odoo:held", "odoo:wanted", "odoo:next", "odoo:named"]) await imported(name);
  await docker.getImage(`${namespace}/odoo:named`).tag({ repo: `${namespace}-else/odoo`, tag: "kept" });
  container = (await docker.createContainer({ Image: `${namespace}/odoo:held`, Cmd: ["/none"] })).id;
  fleet("hello", [`${namespace}/odoo:wanted`]);
}, 60_000);
afterAll(async () => {
  await docker.getContainer(container).remove({ force: true });
  for (const name of await names()) await docker.getImage(name).remove();
  rmSync(home, { recursive: true });
}, 60_000);

test("while one fleet cannot say what it uses, nothing is superseded", async () => {
  fleet("mute", undefined);
  expect(await prunable(parts)).toEqual({ images: [], bytes: 0, unknown: ["mute"] });
  rmSync(join(home, "mute"), { recursive: true });
});

test("only the image that no container, no fleet and no other name holds is superseded, and removed", async () => {
  const found = await prunable(parts);
  expect(found.images.map((image) => image.names)).toEqual([[`${namespace}/odoo:old`]]);
  const [old] = found.images;
  expect(await prune(parts, [])).toEqual([]);
  expect((await prune(parts, [old?.id ?? ""])).map((image) => image.id)).toEqual([old?.id]);
  expect(await names()).toEqual(
    [`${namespace}-else/odoo:kept`, ...["held", "named", "next", "wanted"].map((tag) => `${namespace}/odoo:${tag}`)].sort(),
  );
});
