/**
 * A control plane over the simulated machine that kills itself once at every step: before its effect, after it, or both.
 * Arguments: connection string, working folder, the request of one operation as JSON, the moments at which to strike: `before,after`, nothing, or one
 * point alone such as `after create acme/production/database`.
 * Prints the operation's result when it ends.
 */
import { join } from "node:path";
import { takeLeadership } from "../../src/adapters/store/leader.ts";
import { createWorld } from "../../src/engines/memory/world.ts";
import type { ApplyRequest } from "../../src/workflows/apply/workflow.ts";
import type { ConvergeRequest } from "../../src/workflows/converge/request.ts";
import type { JourneyRequest } from "../../src/workflows/journey/workflow.ts";
import type { StopRequest } from "../../src/workflows/stop/workflow.ts";
import { simulatedPlane } from "./simulated-plane.ts";
import { strikeOnceAt } from "./strike.ts";

const [connectionString, folder, requestText, moments] = process.argv.slice(2) as [string, string, string, string];
const request = JSON.parse(requestText) as { verb?: string; operation: string; files: { path: string; text: string }[] };
const now = () => Date.parse("2026-11-22T12:00:00Z");
const leadership = await takeLeadership(connectionString, 20);
if (leadership === undefined) throw new Error("another process still leads");
const { executor, revisions, store } = await simulatedPlane({
  connectionString,
  fleet: "hello",
  world: createWorld({ file: join(folder, "world.json"), now: now() }),
  now,
  aroundStep: strikeOnceAt(join(folder, "struck.json"), (name, moment) =>
    moments.includes(" ") ? moments === `${moment} ${name}` : moments.includes(moment),
  ),
});
const revision = await revisions.of(request.files);
const { files: _files, verb = "apply", ...rest } = request;
const wanted = { ...rest, revision: revision.hash };
async function begin(): Promise<() => Promise<unknown>> {
  if (verb === "stop") return await executor.stop(wanted as unknown as StopRequest);
  if (verb === "journey") return await executor.journey(wanted as unknown as JourneyRequest);
  if (verb === "converge") return await executor.converge(wanted as unknown as ConvergeRequest);
  return await executor.apply(wanted as unknown as ApplyRequest);
}
await store.addOperation({ id: request.operation, verb, actor: "test", request: {}, at: new Date(now()) });
const result = await (await begin())();
process.stdout.write(`${JSON.stringify(result)}\n`);
await executor.shutdown();
process.exit(0);
