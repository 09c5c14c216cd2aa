import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/api.ts";
import { inStore, processOf } from "../support/control-plane.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { launchedFleet } from "../support/launched-fleet.ts";

const fleet = launchedFleet("again");
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace("name: hello", `name: ${fleet.name}`);

beforeAll(() => fleet.declare(HELLO));
afterAll(async () => {
  await fleet.remove();
}, 120_000);

/** The applies that were ever begun, oldest first. */
async function applies(): Promise<readonly { id: string; state: string }[]> {
  return await inStore(fleet.installation, true, "SELECT id, state FROM operation WHERE verb = 'apply' ORDER BY created_at");
}

/** Waits until a part of the first apply has begun. */
async function underWay(): Promise<string> {
  return await eventually("the first changes", 300, async () => {
    const parts = await inStore<{ parent: string }>(
      fleet.installation,
      true,
      "SELECT parent FROM operation_event e JOIN operation o ON o.id = e.operation WHERE o.parent IS NOT NULL AND e.kind = 'change' LIMIT 1",
    ).catch(() => []);
    return parts[0]?.parent;
  });
}

test("up again after its command line and its control plane were killed goes on with the same operation, to its end", async () => {
  const first = spawn(join(PACKAGE_ROOT, "ballast"), ["up", fleet.folder, "--yes"], { stdio: "ignore", detached: true });
  const operation = await underWay();
  process.kill(-(first.pid as number), "SIGKILL");
  process.kill(processOf(fleet.installation), "SIGKILL");
  const again = await fleet.ballast("up", fleet.folder, "--yes");
  expect([again.code, again.err.includes(`the same work runs already: ${operation}`)]).toEqual([0, true]);
  expect(await applies()).toEqual([{ id: operation, state: "done" }]);
  expect(await fleet.isServed("acme")).toBe(true);
});

/** Makes whoever wants to change acme wait, as for a repair that takes its time. Returns how to let it go. */
async function holdAcme(): Promise<() => Promise<unknown>> {
  const { installation } = fleet;
  await inStore(
    installation,
    true,
    "INSERT INTO operation VALUES ('reconcile-held', 'converge', 'acme/production', NULL, 'running', 'reconciler', '{}', NULL, now(), NULL)",
  );
  await inStore(installation, true, "INSERT INTO lease VALUES ('acme/production', 'reconcile-held', now())");
  return async () =>
    await inStore(installation, true, "UPDATE operation SET state = 'done', finished_at = now() WHERE id = 'reconcile-held'");
}

test("the same apply at once is one operation, and both commands end with its result; other files meanwhile are refused and told which", async () => {
  const sized = (memory: string) =>
    HELLO.replace("{ hosting: shared, pool: everyone }", `{ hosting: shared, pool: everyone, sizes: { web: { memory: ${memory} } } }`);
  fleet.declare(sized("900Mi"));
  const letGo = await holdAcme();
  const words = ["apply", fleet.folder, "--now", "--reason", "test"];
  const before = (await applies()).length;
  const one = fleet.ballast(...words);
  const id = await eventually("the apply", 60, async () => (await applies())[before]?.id);
  const same = spawn(join(PACKAGE_ROOT, "ballast"), words, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(same, "exit");
  let told = "";
  same.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
  await eventually("the joining", 60, async () => (told.includes(`the same work runs already: ${id}`) ? true : undefined));
  fleet.declare(sized("800Mi"));
  const other = await fleet.ballast("apply", fleet.folder);
  expect([other.code === 0, other.err.includes("BAL-W030"), other.err.includes(id)]).toEqual([false, true, true]);
  await letGo();
  expect([(await one).code, (await ended)[0]]).toEqual([0, 0]);
  expect((await applies()).map((apply) => apply.state)).toEqual(["done", "done"]);
});
