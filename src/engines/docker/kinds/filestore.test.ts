import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { pack } from "tar-stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AnyNode, StackNode } from "../../../domain/stack/node.ts";
import type { ApplyContext } from "../../engine.ts";
import { keptArchive, templateKey } from "../postgres/template-store.ts";
import type { Scope } from "../scope.ts";
import { lookAtVolumes } from "../volume/volumes.ts";
import { filestore } from "./filestore.ts";

const template: AnyNode = {
  id: "pool/everyone/template",
  kind: "template",
  spec: { series: "19.0", modules: ["base"], image: "odoo" } as never,
  uses: [],
  from: [],
};
const node: StackNode<"filestore"> = {
  id: "acme/production/filestore",
  kind: "filestore",
  spec: { database: "acme_production" } as never,
  uses: [{ to: template.id, as: "clone" }],
  from: [],
};

interface Container {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Record<string, string>;
  readonly Mounts: readonly { readonly Name: string }[];
}

type Act = "image" | "create" | "volume" | "created" | "unpack" | "remove";

/** A Docker Engine in memory, of which each act can be made to fail; what is named `created` ends the caller after the act. */
function machine(cache: string) {
  const failing = new Set<Act>();
  const volumes = new Map<string, Record<string, string>>();
  const containers = new Map<string, Container>();
  let ids = 0;
  function attempt(act: Act): void {
    if (failing.has(act)) throw new Error(act === "created" ? "killed" : "write: no space left on device");
  }
  async function createContainer(desired: Dockerode.ContainerCreateOptions) {
    attempt("create");
    if ([...containers.values()].some(({ Names }) => Names.includes(`/${desired.name}`)))
      throw Object.assign(new Error("the name is in use"), { statusCode: 409 });
    const Id = `c${ids++}`;
    containers.set(Id, { Id, Names: [`/${desired.name}`], Labels: desired.Labels ?? {}, Mounts: [] });
    attempt("created");
    return { id: Id, ...getContainer(Id) };
  }
  function getContainer(which: string) {
    const found = [...containers.values()].find(({ Id, Names }) => Id === which || Names.includes(`/${which}`));
    return {
      async remove() {
        if (found === undefined) throw Object.assign(new Error("no such container"), { statusCode: 404 });
        attempt("remove");
        containers.delete(found.Id);
      },
    };
  }
  const isLabelled = (labels: Record<string, string>, wanted: readonly string[] = []) =>
    wanted.every((one) => labels[one.split("=")[0] as string] === one.slice(one.indexOf("=") + 1));
  const placeOf = (name: string) => join(cache, "volumes", name, "_data");
  const volumeOf = (name: string, Labels: Record<string, string>) => ({ Name: name, Driver: "local", Labels, Mountpoint: placeOf(name) });
  const docker = {
    createContainer,
    getContainer,
    async createVolume({ Name, Labels }: { Name: string; Labels: Record<string, string> }) {
      if (!volumes.has(Name)) volumes.set(Name, Labels);
      mkdirSync(placeOf(Name), { recursive: true });
      attempt("volume");
      // What cannot be written into it: a link stands where its first folder would be made.
      rmSync(join(placeOf(Name), "filestore"), { recursive: true, force: true });
      if (failing.has("unpack")) symlinkSync("/nowhere", join(placeOf(Name), "filestore"));
    },
    getVolume: (name: string) => ({
      async inspect() {
        const Labels = volumes.get(name);
        if (Labels === undefined) throw Object.assign(new Error("no such volume"), { statusCode: 404 });
        return volumeOf(name, Labels);
      },
    }),
    listContainers: async ({ filters }: { filters: { label?: string[]; volume?: string[] } }) =>
      [...containers.values()].filter(
        ({ Labels, Mounts }) =>
          isLabelled(Labels, filters.label) && (filters.volume ?? []).every((one) => Mounts.some(({ Name }) => Name === one)),
      ),
    listVolumes: async ({ filters }: { filters: { label?: string[] } }) => ({
      Volumes: [...volumes].filter(([, labels]) => isLabelled(labels, filters.label)).map(([name, labels]) => volumeOf(name, labels)),
    }),
  };
  const scope = {
    docker: docker as unknown as Dockerode,
    owner: { fleet: "nordwind", instance: "0a1b2c3d" },
    paths: { volatile: cache, state: cache, cache },
    image: async () => {
      attempt("image");
      return { reference: "odoo", imageId: "sha256:odoo", packages: {} };
    },
  } as unknown as Scope;
  return {
    scope,
    failing,
    containers,
    attachment: () => existsSync(join(placeOf([...volumes.keys()][0] as string), "filestore/acme_production", ATTACHMENT)),
  };
}

const ATTACHMENT = `00/${"0".repeat(40)}`;
let cache: string;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "ballast-filestore-"));
  await keepTemplate();
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

async function keepTemplate(): Promise<void> {
  const archive = keptArchive({ paths: { cache } } as Scope, templateKey(template.spec as never, "sha256:odoo"));
  mkdirSync(dirname(archive.dump), { recursive: true });
  writeFileSync(archive.dump, "PGDMP");
  const out = pack();
  out.entry({ name: ATTACHMENT }, "x");
  out.finalize();
  writeFileSync(archive.filestore, await buffer(out));
}

const context = { find: () => template, progress: () => undefined, signal: new AbortController().signal } as unknown as ApplyContext;
const CHANGE = { verb: "create" } as never;

test("a filestore that was filled in part counts as not there, whatever fails on the way, until it is filled whole", async () => {
  const { scope, failing, containers, attachment } = machine(cache);
  const isThere = async () => (await lookAtVolumes(scope, undefined)).nodes.length > 0;
  async function tried(...acts: Act[]): Promise<boolean> {
    for (const act of acts) failing.add(act);
    await expect(filestore.realise(scope, node, { change: CHANGE, context })).rejects.toThrow(/BAL-E|no space/);
    failing.clear();
    return await isThere();
  }
  expect([await tried("create"), containers.size]).toEqual([false, 0]);
  expect([await tried("created"), containers.size]).toEqual([false, 1]);
  expect([await tried("volume"), containers.size]).toEqual([false, 1]);
  expect([await tried("unpack"), containers.size]).toEqual([false, 1]);
  // The disk is still full, the image is gone, or the process is killed between any two acts.
  for (const act of ["image", "volume", "unpack", "remove", "image", "volume"] as const)
    expect([act, await tried(act)]).toEqual([act, false]);
  rmSync(join(cache, "templates"), { recursive: true });
  expect(await tried()).toBe(false);
  await keepTemplate();
  expect((await filestore.realise(scope, node, { change: CHANGE, context })).did).toBe("created");
  expect([await isThere(), containers.size, attachment()]).toEqual([true, 0, true]);
  expect((await filestore.realise(scope, node, { change: CHANGE, context })).did).toBe("nothing");
});
