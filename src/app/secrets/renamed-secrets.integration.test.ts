import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const named = (name: string) => HELLO.replace("name: acme }", `name: ${name} }`);
const now = () => Date.parse("2026-11-22T12:00:00Z");
const credentialsFile = join(mkdtempSync(join(tmpdir(), "ballast-renamed-")), "credentials");
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("renamed");
  simulated = await simulatedPlane({ connectionString, fleet: "hello", world: createWorld({ now: now() }), now, credentialsFile });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

test("a tenant that is renamed keeps its passwords", async () => {
  const passwords: string[] = [];
  for (const name of ["acme", "nova, renamedFrom: acme"]) {
    const id = `op-${passwords.length}`;
    const files = [{ path: "fleet.yaml", text: named(name) }];
    await simulated.plane.start({ verb: "apply", id, actor: "anna", files, override: { reason: "a test" } });
    expect(await simulated.ended(id)).toBe("done");
    const said = readFileSync(credentialsFile, "utf8")
      .split("\n")
      .find((line) => line.includes(`${name.split(",")[0]}/production`));
    passwords.push(said?.split(/\s+/).at(-1) ?? "");
  }
  expect([passwords[0]?.length, passwords[1]]).toEqual([expect.any(Number), passwords[0]]);
  expect(passwords[0]?.length).toBeGreaterThan(10);
});
