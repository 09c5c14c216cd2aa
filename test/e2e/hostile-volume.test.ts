import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { type AnyNode, nodeId, type Stack, specHash, stackOf } from "../../src/domain/stack/node.ts";
import { formerObjectName, labelsOf, objectName } from "../../src/engines/docker/observe/labels.ts";
import type { ApplyContext } from "../../src/engines/engine.ts";
import { ended } from "../support/docker-bench.ts";
import { type TestInstallation, testInstallation } from "../support/docker-installation.ts";

const docker = dockerClient();
let own: TestInstallation;
let owner: { readonly fleet: string; readonly instance: string };
let image: string;
let imageId: string;
let neighbour: string;

function filestore(tenant: string): AnyNode {
  const uses = [{ to: "pool/p/template", as: "clone" }] as const;
  return { id: `${tenant}/production/filestore`, kind: "filestore", spec: { database: databaseOf(tenant) }, uses, from: [] };
}

function databaseOf(tenant: string): string {
  return `${tenant.replaceAll("-", "_")}_production`;
}

const TEMPLATE = { id: "pool/p/template", kind: "template", uses: [], from: [] } as const;

function context(formerly?: string): ApplyContext & { readonly said: string[] } {
  const said: string[] = [];
  const stack: Stack = { id: "any/production", role: "environment", nodes: [] };
  return {
    said,
    stack,
    find: (id) => (id === TEMPLATE.id ? ({ ...TEMPLATE, spec: { image, series: "19.0", modules: [] } } as AnyNode) : undefined),
    ...(formerly === undefined ? {} : { formerly: () => formerly }),
    vault: { secret: () => Promise.reject(new Error("none")), certificate: () => Promise.reject(new Error("none")) },
    progress: (line) => said.push(line),
    signal: AbortSignal.timeout(120_000),
  };
}

/** Makes a volume that says that it is a node's; returns its folder. */
async function makeVolume(Name: string, node: AnyNode): Promise<string> {
  await docker.createVolume({ Name, Labels: labelsOf(owner, node) });
  return (await docker.getVolume(Name).inspect()).Mountpoint;
}

/** A volume as an older version named it, filled by a script that runs as the tenant's code does. */
async function volumeOf(tenant: string, script: string): Promise<string> {
  const node = filestore(tenant);
  const Name = formerObjectName(owner, node.id);
  const folder = await makeVolume(Name, node);
  const container = await docker.createContainer({
    Image: imageId,
    User: "10001:10001",
    Entrypoint: ["bash", "-euc", script, "tenant", databaseOf(tenant), databaseOf(`${tenant}-new`), neighbour],
    Labels: { "ballast.fleet": own.installation.fleet },
    HostConfig: { NetworkMode: "none", Mounts: [{ Type: "volume", Source: Name, Target: "/var/lib/odoo" }] },
  });
  await container.start();
  const { exit, text } = await ended(container);
  await container.remove();
  if (exit !== 0) throw new Error(`${tenant}: ${text}`);
  return folder;
}

/** Everything of a folder as it lies there: kinds, modes, owners, times, sizes, where links lead, and what is in files. */
function seen(folder: string): string {
  const look = `export LC_ALL=C; cd "$1" && find -P . -printf '%P|%y|%m|%U:%G|%T@|%s|%n|%l\\0' | sort -z && find -P . -type f -print0 | sort -z | xargs -0 -r sha256sum -z`;
  return execFileSync("sh", ["-euc", look, "look", folder], { maxBuffer: 64 * 1024 * 1024 }).toString();
}

async function renamed(tenant: string): Promise<{ readonly said: readonly string[]; readonly folder: string }> {
  const node = filestore(`${tenant}-new`);
  const work = context(filestore(tenant).id);
  const change = {
    node: node.id,
    kind: "filestore",
    verb: "create",
    desired: node,
    because: [],
    impact: { interruption: "none", closedSeconds: 0, irreversible: false, says: "" },
    after: [],
  } as const;
  const applied = await own.engine.apply(change, work);
  expect(applied.facts).toEqual({ tookOver: filestore(tenant).id });
  const { Volumes } = await docker.listVolumes({ filters: { label: [`ballast.instance=${owner.instance}`, `ballast.node=${node.id}`] } });
  expect(Volumes.map((volume) => volume.Labels?.["ballast.spec"])).toEqual([specHash(node)]);
  return { said: work.said, folder: Volumes[0]?.Mountpoint ?? "" };
}

beforeAll(async () => {
  own = await testInstallation("hostile");
  owner = { fleet: own.installation.fleet, instance: own.instance };
  image = own.references["odoo-19"] as string;
  imageId = (await own.imageStore.resolve(image, () => undefined, AbortSignal.timeout(1_500_000))).imageId;
  neighbour = "";
  const files = 'mkdir -p "filestore/$1/ab"; echo secret >"filestore/$1/ab/abcd"; ln -s nowhere link; chmod 0640 "filestore/$1/ab/abcd"';
  neighbour = await volumeOf("beta", `cd /var/lib/odoo; ${files}`);
}, 1_600_000);
afterAll(() => own.destroy());

describe("a tenant is renamed whose volume holds", () => {
  /** What stands in the volume → what is said of it. The script is given the two names of the database, and where the neighbour's volume lies. */
  const TRAPS: Readonly<Record<string, readonly [script: string, said: readonly string[]]>> = {
    "a link to a neighbour in place of all attachments": [
      'ln -s "$3/filestore" filestore',
      ["filestore is no folder: it is left as it is"],
    ],
    "a link to a neighbour's attachments under the former name": [
      'mkdir filestore; ln -s "$3/filestore/beta_production" "filestore/$1"',
      ["filestore/former is no folder: it is left as it is"],
    ],
    "a link to a neighbour under the new name": [
      'mkdir -p "filestore/$1"; ln -s "$3/filestore/beta_production" "filestore/$2"',
      ["filestore/new was there already: it is now filestore/new.aside1"],
    ],
    "a link to a folder of its own in place of all attachments": [
      'mkdir -p real/"$1"; ln -s real filestore',
      ["filestore is no folder: it is left as it is"],
    ],
    "a named pipe in place of all attachments": ["mkfifo filestore", ["filestore is no folder: it is left as it is"]],
    "a socket under the former name": [
      `mkdir filestore; python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind("filestore/" + sys.argv[1])' "$1"`,
      ["filestore/former is no folder: it is left as it is"],
    ],
    "folders under the new name, twice": [
      'mkdir -p "filestore/$1/ab" "filestore/$2/cd" "filestore/$2.aside1"',
      ["filestore/new was there already: it is now filestore/new.aside2"],
    ],
    "nothing at all": [":", ["filestore is no folder: it is left as it is"]],
  };

  test.each(Object.entries(TRAPS))("%s: the neighbour's stays as it is, and so does what is in it", async (title, [script, said]) => {
    const tenant = `t${Object.keys(TRAPS).indexOf(title)}`;
    const before = seen(neighbour);
    const folder = await volumeOf(tenant, `cd /var/lib/odoo; ${script}`);
    const { uid, gid, mode, ino } = statSync(folder);
    const done = await renamed(tenant);
    const [former, next] = [databaseOf(tenant), databaseOf(`${tenant}-new`)];
    expect(done.said.map((line) => line.replaceAll(next, "new").replaceAll(former, "former"))).toEqual(said);
    expect(seen(neighbour)).toBe(before);
    const now = statSync(done.folder);
    expect([now.uid, now.gid, now.mode, now.ino]).toEqual([uid, gid, mode, ino]);
    expect([uid, gid, (mode & 0o777).toString(8)]).toEqual([10_001, 10_001, "750"]);
  });

  test("ten thousand files, names of any kind, pipes, sockets and hard links: all of it is there under the new name", async () => {
    const script = `cd /var/lib/odoo; mkdir -p "filestore/$1/ab" sessions
      cd "filestore/$1"; python3 - <<'PY'
import os, socket
for n in range(10000): open(f"ab/{n}\\nline", "w").write(str(n))
open("-rf", "w").write("x"); open("*", "w").write("y"); os.link("*", "hard"); os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket"); os.symlink("/etc/passwd", "link"); os.mkdir("closed", 0)
PY
      cd /var/lib/odoo; chmod 0500 "filestore/$1"; chmod 0 filestore`;
    const folder = await volumeOf("many", script);
    const before = seen(`${folder}/filestore/many_production`);
    const neighbours = seen(neighbour);
    const done = await renamed("many");
    expect(done.said).toEqual([]);
    const after = seen(`${done.folder}/filestore/many_new_production`);
    // The folder itself was closed, and had to be opened to be renamed.
    const inside = (text: string) => text.split("\0").filter((line) => !line.startsWith("|"));
    expect(inside(after)).toEqual(inside(before));
    expect(seen(neighbour)).toBe(neighbours);
    expect(statSync(done.folder).uid).toBe(10_001);
  });
});

test("a take-over that was killed after any of its acts goes on where it was, and nothing is lost", async () => {
  const marks = ['mkdir -p "filestore/$1"; echo mine >"filestore/$1/mark"', ["filler", "moved"]] as const;
  for (const stage of marks[1]) {
    const tenant = `killed-${stage}`;
    const folder = await volumeOf(tenant, `cd /var/lib/odoo; ${marks[0]}`);
    const node = filestore(`${tenant}-new`);
    const Name = `${owner.fleet}-by-hand-${stage}`;
    const made = await makeVolume(Name, node);
    await docker.createContainer({
      name: `${Name}.filling`,
      Image: imageId,
      Labels: { "ballast.filling": owner.instance, "ballast.fleet": owner.fleet, "ballast.former": filestore(tenant).id },
      HostConfig: { Mounts: [{ Type: "volume", Source: Name, Target: "/var/lib/odoo", VolumeOptions: NOTHING_COPIED }] },
    });
    if (stage === "moved") execFileSync("mv", ["-T", folder, made]);
    const stack: Stack = { id: stackOf(node.id), role: "environment", nodes: [node] };
    expect((await own.engine.observe(stack)).nodes.get(node.id)?.state).toBe("absent");
    const { folder: now } = await renamed(tenant);
    expect(execFileSync("cat", [`${now}/filestore/${databaseOf(`${tenant}-new`)}/mark`]).toString()).toBe("mine\n");
    expect((await own.engine.observe(stack)).nodes.get(node.id)?.state).toBe("present");
  }
});
const NOTHING_COPIED = { NoCopy: true, Labels: {}, DriverConfig: { Name: "local", Options: {} } };

test("a target that holds files is not written over: both volumes stay", async () => {
  const script = 'cd /var/lib/odoo; mkdir -p "filestore/$1"';
  const folders = [await volumeOf("full", script), await volumeOf("full-new", script)];
  const before = folders.map(seen);
  await expect(renamed("full")).rejects.toThrow(/holds files already/);
  expect(folders.map(seen)).toEqual(before);
});

test("an empty folder of root, as older versions left behind a rename, is seen and given back, without anything in it being touched", async () => {
  const folder = await volumeOf("rooted", 'cd /var/lib/odoo; mkdir filestore; ln -s "$3" link');
  execFileSync("chown", ["root:root", folder]);
  const node = filestore("rooted");
  const stack: Stack = { id: stackOf(node.id), role: "environment", nodes: [node] };
  const observation = (await own.engine.observe(stack)).nodes.get(node.id);
  expect(observation?.state === "present" ? observation.value.edits : undefined).toEqual([
    { field: "owner", made: 10_001, found: 0, repair: "live" },
  ]);
  const before = seen(neighbour);
  const inside = seen(`${folder}/filestore`);
  const impact = { interruption: "none", closedSeconds: 0, irreversible: false, says: "" } as const;
  await own.engine.apply(
    { node: node.id, kind: "filestore", verb: "update", inPlace: true, desired: node, because: [], impact, after: [] },
    context(),
  );
  expect([statSync(folder).uid, (statSync(folder).mode & 0o777).toString(8), seen(neighbour), seen(`${folder}/filestore`)]).toEqual([
    10_001,
    "750",
    before,
    inside,
  ]);
});

test("the volume of a hostile tenant is removed, links and all, and the neighbour's stays as it is", async () => {
  const before = seen(neighbour);
  const folder = await volumeOf("gone", 'cd /var/lib/odoo; ln -s "$3" filestore; ln -s "$3/filestore" "$1"; mkfifo pipe');
  const node = filestore("gone");
  const impact = { interruption: "none", closedSeconds: 0, irreversible: true, says: "" } as const;
  await own.engine.apply({ node: node.id, kind: "filestore", verb: "remove", observed: node, because: [], impact, after: [] }, context());
  expect([() => statSync(folder), seen(neighbour)]).toEqual([expect.any(Function), before]);
  expect(() => statSync(folder)).toThrow("ENOENT");
});

test("two volumes that say that they are the same are both left alone, and named", async () => {
  const node = filestore("twice");
  for (const Name of ["one", "two"].map((end) => `${owner.fleet}-${end}`)) await makeVolume(Name, node);
  const impact = { interruption: "none", closedSeconds: 0, irreversible: false, says: "" } as const;
  const create = {
    node: nodeId("twice/production", "filestore"),
    kind: "filestore",
    verb: "create",
    desired: node,
    because: [],
    impact,
    after: [],
  } as const;
  await expect(own.engine.apply(create, context())).rejects.toThrow(/has two volumes/);
});

test("a volume of a wanted name that does not say whose it is, as Docker makes one for a container whose volume is gone, is named and left alone", async () => {
  const node = filestore("foreign");
  const Name = objectName(owner, node.id);
  await docker.createVolume({ Name, Labels: { "ballast.fleet": owner.fleet } });
  const impact = { interruption: "none", closedSeconds: 0, irreversible: false, says: "" } as const;
  const create = { node: node.id, kind: "filestore", verb: "create", desired: node, because: [], impact, after: [] } as const;
  await volumeOf("strange", ":");
  await expect(own.engine.apply(create, context(filestore("strange").id))).rejects.toThrow(/is not ours/);
  // Nothing of ours keeps it in use: it can be removed by hand, and then all goes on.
  await docker.getVolume(Name).remove();
  expect((await own.engine.apply(create, context(filestore("strange").id))).did).toBe("created");
});
