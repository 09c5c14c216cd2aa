import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import type { Change } from "../../src/domain/plan/change.ts";
import { NO_DOWNTIME } from "../../src/domain/stack/kinds/kind.ts";
import type { AnyNode, Stack } from "../../src/domain/stack/node.ts";
import type { ApplyContext } from "../../src/engines/engine.ts";
import { type TestInstallation, testInstallation } from "../support/docker-installation.ts";

const docker = dockerClient();
const BOUNDARY = { id: "nova/production/boundary", kind: "boundary", spec: { outward: "none" }, uses: [], from: [] } as unknown as AnyNode;
const STACK: Stack = { id: "nova/production", role: "environment", nodes: [BOUNDARY] };
let own: TestInstallation;

beforeAll(async () => {
  own = await testInstallation("networks");
});
afterAll(() => own.destroy());

async function apply(verb: "create" | "remove"): Promise<void> {
  const declared = verb === "create" ? { desired: BOUNDARY } : { observed: BOUNDARY };
  const change: Change = { node: BOUNDARY.id, kind: "boundary", verb, ...declared, because: [], impact: NO_DOWNTIME, after: [] };
  const context = { stack: STACK, progress: () => undefined, signal: AbortSignal.timeout(60_000) } as unknown as ApplyContext;
  await own.engine.apply(change, context);
}

test("a network that is removed while somebody in it is stopped keeps nobody from being started again", async () => {
  await apply("create");
  const labels = { "ballast.fleet": own.installation.fleet };
  const [network] = await docker.listNetworks({ filters: { label: [`ballast.fleet=${own.installation.fleet}`, "ballast.kind=boundary"] } });
  const { imageId } = await own.imageStore.resolve(own.references["redis"] ?? "", () => undefined, AbortSignal.timeout(600_000));
  const container = await docker.createContainer({ Image: imageId, Entrypoint: ["sleep", "600"], Cmd: [], Labels: labels });
  await docker.getNetwork(network?.Id ?? "").connect({ Container: container.id });
  await container.start();
  await container.kill();
  await apply("remove");
  expect(Object.keys((await container.inspect()).NetworkSettings.Networks)).toEqual(["bridge"]);
  await container.start();
  expect((await container.inspect()).State.Running).toBe(true);
});
