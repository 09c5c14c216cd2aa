import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { DAMAGES, damage } from "../../../../test/support/damage.ts";
import type { AnyNode } from "../../../domain/stack/node.ts";
import { ingressFileEdits, writeIngressFiles } from "../ingress/ingress-files.ts";
import type { Scope } from "../scope.ts";
import { folderOf, lookAtFiles, materialised, removeNode, spoiltCompanions, writeNode } from "./files.ts";

const base = mkdtempSync(join(tmpdir(), "ballast-files-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const scope = { owner: { fleet: "f", instance: "0000abcd" } } as Scope;
const nodeOf = (id: string): AnyNode => ({ id, kind: "authority", spec: { domain: "x.test", validDays: 1 }, uses: [], from: [] });
const write = (id: string) => writeNode(scope, base, nodeOf(id), { files: { value: id }, readers: "public" });
const left = () => (existsSync(join(base, "nodes")) ? readdirSync(join(base, "nodes"), { recursive: true }).map(String) : []);

test("what goes leaves no folder of its stack behind, and what stays keeps its own", async () => {
  for (const id of ["acme/production/a", "acme/production/b", "acme/staging/c"]) await write(id);
  await removeNode(base, "acme/production/a");
  await removeNode(base, "acme/production/a");
  expect(left()).toContain("acme/production/b/value");
  await removeNode(base, "acme/production/b");
  expect(
    left()
      .map(String)
      .filter((path) => path.split("/").length < 3),
  ).toEqual(["acme", "acme/staging"]);
  await removeNode(base, "acme/staging/c");
  expect(left()).toEqual([]);
});

test("a node that comes while the last one of its stack goes is there, below folders that containers may pass", async () => {
  for (let round = 0; round < 100; round++) {
    await write("acme/production/old");
    await Promise.all([removeNode(base, "acme/production/old"), write("acme/production/new")]);
    expect(existsSync(join(folderOf(base, "acme/production/new"), "value"))).toBe(true);
    expect(statSync(join(base, "nodes/acme/production")).mode & 0o777).toBe(0o711);
    await removeNode(base, "acme/production/new");
  }
  expect(left()).toEqual([]);
});

test("a file that a node has elsewhere is spoilt while it says something else than was written there, or is gone", async () => {
  const among = { ...scope, paths: { volatile: join(base, "run-2"), state: join(base, "state-2") } } as Scope;
  const path = join(base, "ca.pem");
  const desired = { files: {}, readers: "public", companion: { path, content: "ours" } } as const;
  await writeNode(among, among.paths.state, nodeOf("platform/here/authority"), desired);
  const told = [await spoiltCompanions(among)];
  for (const content of ["theirs", "ours"]) {
    writeFileSync(path, content);
    told.push(await spoiltCompanions(among));
  }
  rmSync(path);
  told.push(await spoiltCompanions(among));
  expect(told).toEqual([[], [path], [], [path]]);
});

test("a secret whose file is empty is not there, so that it is written again", async () => {
  const paths = { volatile: join(base, "run"), state: join(base, "state") };
  const among = { ...scope, paths } as Scope;
  const spec = { purpose: "superuser-password", bytes: 24, generation: 1 } as const;
  const secret: AnyNode = { id: "pool/everyone/superuser-password", kind: "secret", spec, uses: [], from: [] };
  const seen = async () => (await lookAtFiles(among, "pool/everyone")).nodes.map((node) => node.declared.id);
  for (const content of ["", "\n", " \t\n"]) {
    expect(await writeNode(among, paths.volatile, secret, { files: { value: "the value\n" }, readers: "public" })).toBe(true);
    expect(await seen()).toEqual([secret.id]);
    writeFileSync(join(folderOf(paths.volatile, secret.id), "value"), content);
    expect(await seen()).toEqual([]);
  }
  rmSync(join(folderOf(paths.volatile, secret.id), "value"));
  expect(await seen()).toEqual([]);
});

const paths = { state: join(base, "state"), volatile: join(base, "volatile") };
const whole = { ...scope, paths } as Scope;
const CERTIFICATE = "the certificate\n";
const at = { labels: join(folderOf(paths.state, "platform/here/a"), ".ballast.json"), companion: join(paths.state, "ca.pem") };
const make = () =>
  writeNode(whole, paths.state, nodeOf("platform/here/a"), {
    files: {},
    readers: "public",
    companion: { path: at.companion, content: CERTIFICATE },
  });
const seen = async () => (await lookAtFiles(whole, "platform/here")).nodes.map(({ edits = [] }) => edits.map((edit) => edit.repair));

test.each(DAMAGES.flatMap((how) => (["labels", "companion"] as const).map((what) => [what, how] as const)))(
  "a node whose %s are %s is written again by the next change, and hides no other",
  async (what, how) => {
    await make();
    await writeNode(whole, paths.state, nodeOf("platform/here/b"), { files: {}, readers: "public" });
    expect(await seen()).toEqual([[], []]);
    damage(at[what], how);
    // Without its labels, or what it stands for, it counts as not there; with another content as edited.
    const gone = what === "labels" || how === "deleted";
    expect(await seen()).toEqual(gone ? [[]] : [["live"], []]);
    await make();
    expect([await seen(), readFileSync(at.companion, "utf8")]).toEqual([[[], []], CERTIFICATE]);
  },
);

test("labels of an earlier version are written again", async () => {
  await make();
  const { "ballast.content": _, ...former } = JSON.parse(readFileSync(at.labels, "utf8")) as Record<string, string>;
  writeFileSync(at.labels, JSON.stringify(former));
  expect(await seen()).toEqual([["live"], []]);
  await make();
  expect(await seen()).toEqual([[], []]);
});

test("of what the ingress reads, each change is seen: the options, and what somebody adds", async () => {
  const folder = await writeIngressFiles(whole);
  const options = join(folder, "00-options.yaml");
  const told = async () => (await ingressFileEdits(whole)).map(({ field, repair }) => [field, repair]);
  expect(await told()).toEqual([]);
  for (const how of DAMAGES) {
    damage(options, how);
    expect(await told()).toContainEqual([`file ${options}`, "live"]);
    await writeIngressFiles(whole);
    expect(JSON.parse(readFileSync(options, "utf8"))).toMatchObject({ tls: { options: { default: { sniStrict: true } } } });
  }
  // What stood in its place is where the ingress does not read it, and told until somebody has looked at it.
  const aside = join(folder, "..", "set-aside");
  const lain = (place: string) => readdirSync(place).filter((name) => name.includes("not-a-file"));
  expect([lain(folder), lain(aside)]).toEqual([[], [expect.stringMatching(/^00-options[.]yaml[.]not-a-file-/)]]);
  expect(await ingressFileEdits(whole)).toEqual([
    {
      field: "a folder that stood in the place of a file, moved aside",
      made: undefined,
      found: join(aside, lain(aside)[0] ?? ""),
      repair: "report",
    },
  ]);
  rmSync(aside, { recursive: true });
  // An earlier version left such a folder where it was found.
  mkdirSync(join(folder, "x.yaml.not-a-file-12ab34cd"));
  await writeIngressFiles(whole);
  expect([lain(folder), lain(aside)]).toEqual([[], ["x.yaml.not-a-file-12ab34cd"]]);
  rmSync(aside, { recursive: true });
  expect(await told()).toEqual([]);
  writeFileSync(options, readFileSync(options, "utf8").replace('"sniStrict":true', '"sniStrict":false'));
  expect(await told()).toEqual([[`file ${options}`, "live"]]);
  await writeIngressFiles(whole);
  writeFileSync(join(folder, "zz.yaml"), "{}");
  mkdirSync(join(folder, "more"));
  expect(await told()).toEqual([
    ["a file that is not ours, read by the ingress", "report"],
    ["a file that is not ours, read by the ingress", "report"],
  ]);
});

/** A file that is there and fails to be read, as on a disk that fails; and a folder that cannot be listed. */
const UNREADABLE = "/proc/self/mem";
function unlistable(path: string): void {
  rmSync(path, { recursive: true, force: true });
  symlinkSync(path, path);
}

test("what cannot be read is not taken for absent: the look fails, and so does what would count on it", async () => {
  const look = () => lookAtFiles(whole, "platform/here");
  await make();
  rmSync(at.labels);
  symlinkSync(UNREADABLE, at.labels);
  await expect(look()).rejects.toThrow(`${at.labels} cannot be read (EIO)`);
  await expect(lookAtFiles(whole, undefined)).rejects.toThrow("EIO");
  rmSync(at.labels);
  await make();
  rmSync(at.companion);
  symlinkSync(UNREADABLE, at.companion);
  await expect(look()).rejects.toThrow("EIO");
  rmSync(at.companion);
  unlistable(at.companion);
  await expect(look()).rejects.toThrow("ELOOP");
  rmSync(at.companion);
  await make();
  expect(await seen()).toEqual([[], []]);
  unlistable(join(paths.state, "nodes/platform/here"));
  await expect(look()).rejects.toThrow("ELOOP");
  rmSync(join(paths.state, "nodes/platform/here"));
  expect((await look()).nodes).toEqual([]);
});

test("a secret that cannot be read is neither empty nor absent", async () => {
  const spec = { purpose: "superuser-password", bytes: 24, generation: 1 } as const;
  const secret: AnyNode = { id: "pool/unread/superuser-password", kind: "secret", spec, uses: [], from: [] };
  await writeNode(whole, paths.volatile, secret, { files: { value: "the value\n" }, readers: "public" });
  const value = join(folderOf(paths.volatile, secret.id), "value");
  rmSync(value);
  symlinkSync(UNREADABLE, value);
  await expect(materialised(whole, secret.id)).rejects.toThrow("EIO");
  await expect(lookAtFiles(whole, "pool/unread")).rejects.toThrow("EIO");
});
