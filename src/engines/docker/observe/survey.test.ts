import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { afterAll, expect, test } from "vitest";
import { document, ground } from "../../../../test/support/fleet-text.ts";
import { loaded } from "../../../../test/support/fleets.ts";
import { compile } from "../../../domain/blueprint/compile.ts";
import { KINDS } from "../../../domain/stack/kinds/facts.ts";
import { nodeId, type Stack, stackOf } from "../../../domain/stack/node.ts";
import { survey } from "../../survey.ts";
import { createDockerEngine } from "../engine.ts";
import { hasLabels, labelsOf, objectName } from "./labels.ts";

const owner = { fleet: "many", instance: "0a1b2c3d" };
const folder = mkdtempSync(join(tmpdir(), "ballast-survey-"));
afterAll(() => rmSync(folder, { recursive: true }));

function stacksOf(tenants: number, pools: number): readonly Stack[] {
  const of = (index: number) => `{ production: { hosting: shared, pool: pool-${index % pools} } }`;
  const text = [
    ...ground("many"),
    ...Array.from({ length: pools }, (_, index) => document("Pool", `pool-${index}`)),
    ...Array.from({ length: tenants }, (_, index) =>
      document("Tenant", `t-${index}`, `{ owner: { name: Ops, email: ops@a.example }, calendar: office, environments: ${of(index)} }`),
    ),
  ].join("---\n");
  const compiled = compile(loaded(text), { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return [...compiled.value.stacks.values()];
}

/** A machine on which everything of these stacks runs; each question to its engine or to a server is counted, and how many things it was answered. */
function machine(stacks: readonly Stack[]) {
  const counts = { questions: 0, answered: 0, sessions: 0 };
  const nodes = stacks.flatMap((stack) => stack.nodes);
  const object = (id: string, labels: Record<string, string>) => ({ Id: id, Name: objectName(owner, id), Labels: labels });
  const made = nodes.map((node) => ({ node, ...object(node.id, labelsOf(owner, node)) }));
  const networkOf = (id: string) => objectName(owner, nodeId(stackOf(id), "boundary"));
  const selected = (kind: (kind: string) => boolean, filters: { label: string[] }) => {
    const found = made.filter(({ node, Labels }) => kind(node.kind) && hasLabels(Labels, filters));
    counts.questions++;
    counts.answered += found.length;
    return found;
  };
  const runs = (kind: string) => KINDS[kind as keyof typeof KINDS].runs;
  const networks = (id: string) => ({ Networks: { [networkOf(id)]: { IPAddress: "192.0.2.1", EndpointID: "e" } } });
  const inspected = async (which: string) => {
    counts.questions++;
    const found = made.find(({ Id, Name }) => Id === which || Name === which);
    if (found === undefined) throw Object.assign(new Error("no such object"), { statusCode: 404 });
    const State = { Running: true, Pid: 0 };
    const HostConfig = { NetworkMode: networkOf(found.Id) };
    return { ...found, Config: { Labels: found.Labels }, State, HostConfig, NetworkSettings: networks(found.Id) };
  };
  const docker = {
    listContainers: async ({ filters }: { filters: { label: string[] } }) =>
      selected(runs, filters).map((one) => ({
        ...one,
        State: "running",
        Status: "Up",
        ImageID: "sha256:0",
        NetworkSettings: networks(one.Id),
      })),
    listNetworks: async ({ filters }: { filters: { label: string[] } }) => selected((kind) => kind === "boundary", filters),
    listVolumes: async ({ filters }: { filters: { label: string[] } }) => ({
      Volumes: selected((kind) => kind === "volume" || kind === "filestore", filters).map((one) => ({ ...one, Mountpoint: "/nowhere" })),
    }),
    getContainer: (which: string) => ({ inspect: () => inspected(which) }),
    getNetwork: (which: string) => ({ inspect: () => inspected(which) }),
  };
  for (const { id, kind } of nodes) {
    if (kind !== "secret") continue;
    mkdirSync(join(folder, "nodes", id), { recursive: true });
    writeFileSync(join(folder, "nodes", id, "value"), "secret\n");
  }
  const engine = createDockerEngine({
    docker: docker as unknown as Dockerode,
    owner,
    paths: { volatile: folder, state: folder, cache: folder },
    subnets: async () => "192.0.2.0/24",
    image: () => Promise.reject(new Error("no image is needed to look")),
    sql: async () => {
      counts.sessions++;
      return { query: async () => [], end: async () => undefined };
    },
    now: () => 0,
    ended: [],
  });
  return { engine, counts };
}

async function looked(tenants: number, pools: number) {
  const stacks = stacksOf(tenants, pools);
  const { engine, counts } = machine(stacks);
  const seen = await survey(engine, stacks);
  const odoo = seen.find(({ stack }) => stack === "t-0/production")?.nodes.get("t-0/production/odoo");
  expect([seen.length, odoo?.state]).toEqual([stacks.length, "present"]);
  return { stacks: stacks.length, ...counts };
}

test("a look at a whole fleet asks once for each stack and container, and opens one session for each server", async () => {
  const [few, many] = [await looked(20, 4), await looked(80, 4)];
  // A pool of its own is declared beside those that are counted here.
  expect([few.sessions, many.sessions]).toEqual([5, 5]);
  const perStack = (many.questions - few.questions) / (many.stacks - few.stacks);
  expect(perStack).toBeLessThanOrEqual(3);
  const answeredPerStack = (many.answered - few.answered) / (many.stacks - few.stacks);
  expect(answeredPerStack).toBeLessThanOrEqual(10);
});
