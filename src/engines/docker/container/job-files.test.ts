import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Scope } from "../scope.ts";
import { runJob } from "./job.ts";
import { sweepJobs, writeJobFile } from "./job-files.ts";

const NODE = "acme/staging/database";
let volatile: string;
beforeEach(() => {
  volatile = mkdtempSync(join(tmpdir(), "ballast-jobs-"));
});
afterEach(() => rmSync(volatile, { recursive: true }));

const noSuch = () => Promise.reject(Object.assign(new Error("no such object"), { statusCode: 404 }));

/** A Docker Engine on which a job cannot be made, or ends with this code. */
function machine(ends: number | "not made", seen: (files: string[]) => void): Scope {
  const job = {
    id: "c1",
    start: async () => seen(readdirSync(join(volatile, "jobs", NODE))),
    wait: async () => ({ StatusCode: ends }),
    inspect: noSuch,
    remove: noSuch,
  };
  const modem = { dial: (_request: unknown, answer: (error: null, data: Readable) => void) => answer(null, Readable.from([])) };
  const docker = {
    modem,
    getNetwork: () => ({ inspect: noSuch }),
    listNetworks: async () => [],
    getContainer: () => job,
    createContainer: async () => {
      if (ends === "not made") throw new Error("write: no space left on device");
      return job;
    },
  };
  return {
    docker: docker as unknown as Dockerode,
    owner: { fleet: "nordwind", instance: "0a1b2c3d" },
    paths: { volatile },
  } as unknown as Scope;
}

test.each([0, 1, "not made"] as const)("of the passwords that a job reads none is left once it has ended: %s", async (ends) => {
  let seen: string[] = [];
  const scope = machine(ends, (files) => {
    seen = files;
  });
  const file = await writeJobFile(scope, NODE, { name: "pgpass", content: "*:*:*:acme:secret\n" });
  const about = {
    node: NODE,
    name: "snapshot",
    stack: "pool/everyone",
    imageId: "i",
    command: [],
    files: { [file]: "/run/secrets/pgpass" },
  };
  const work = runJob(scope, { ...about, volumes: {}, memoryMiB: 64, seconds: 5, signal: new AbortController().signal });
  const said = await work.then(
    () => "done",
    (error: Error) => error.message,
  );
  expect(said).toContain(ends === 0 ? "done" : "BAL-E0");
  expect([seen, existsSync(file)]).toEqual([ends === "not made" ? [] : ["pgpass"], false]);
});

test("jobs of a killed process, and what they read, are gone once the next one begins, whatever node they were for", async () => {
  const left = [{ Id: "snapshot" }, { Id: "template" }];
  const asked: unknown[] = [];
  const removed: unknown[] = [];
  const docker = {
    listContainers: async (of: unknown) => {
      asked.push(of);
      return left.splice(0);
    },
    getContainer: (id: string) => ({ remove: async (how: object) => void removed.push({ id, ...how }) }),
  } as unknown as Scope["docker"];
  const scope = { paths: { volatile }, docker, instance: "0a1b2c3d" };
  for (const node of [NODE, "pool/everyone/template"]) await writeJobFile(scope, node, { name: "pgpass", content: "secret" });
  await sweepJobs(scope);
  await sweepJobs(scope);
  expect(readdirSync(volatile)).toEqual([]);
  expect(asked).toEqual(Array(2).fill({ all: true, filters: { label: ["ballast.job=0a1b2c3d"] } }));
  expect(removed).toEqual(["snapshot", "template"].map((id) => ({ id, force: true, v: true })));
});
