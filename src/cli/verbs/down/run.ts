import { rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { endOrphans } from "../../../adapters/store/orphans.ts";
import type { FleetStatus, OperationShape, StackStatus } from "../../../api/contract/contract.ts";
import { ConvergeResultShape, StopResultShape } from "../../../api/contract/results.ts";
import { KINDS } from "../../../domain/stack/kinds/facts.ts";
import { type NodeKind, nameToType } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { type NamedFleet, nameOfFleet } from "../../fleet/fleet.ts";
import { isInstalled, readWords } from "../../fleet/fleet-choice.ts";
import { appliedWork, exitOfState, without } from "../../operations/applying.ts";
import { actorOf, operate, operateConfirmed, operationId, showProblems } from "../../operations/operate.ts";
import type { InstallationPlaces } from "../../port.ts";
import { endServer, ensureServer, type RunningServer } from "../../server/control-plane-process.ts";
import { toProblems } from "../../server/wire.ts";
import { canAsk, typeName } from "../../terminal/ask.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";
import { counted, listed } from "../../terminal/style.ts";

export interface DownOptions {
  readonly deleteData?: boolean;
  readonly confirm?: string;
  readonly reason?: string;
}

type Call = Invocation<DownOptions>;

export async function down(call: Call): Promise<Outcome<"down">> {
  const { context, options, words } = call;
  const { folder, address } = readWords(words, context.cwd);
  if (address !== undefined && options.deleteData !== true)
    throw failure("BAL-C001", "down", `${address} alone cannot be stopped; --delete-data deletes it once it is no longer declared`, {
      hint: "to stop it and keep it, take it out of the fleet, or declare it suspended, and apply",
    });
  const named = await nameOfFleet(call, folder);
  const { fleet } = named;
  if (!isInstalled(await context.ports.installations(), fleet))
    return { exit: EXIT.done, text: `nothing of ${fleet} is here`, data: { fleet, stopped: [], deleted: false, problems: [] } };
  // Stopping is done by the control plane too, so that it is recorded; after a restart of the machine it does not run.
  const server = await ensureServer(call, named);
  if (address !== undefined) return await deleteOne(call, { fleet, address }, server);
  return options.deleteData === true ? await deleteAll(call, named, server) : await stopAll(call, named, server);
}

async function stopAll(call: Call, { fleet, shown }: NamedFleet, server: RunningServer): Promise<Outcome<"down">> {
  const id = operationId(call.context);
  const { confirm, reason } = call.options;
  const ran = await anythingRuns(server);
  const operation = await operateConfirmed(call, server.client, {
    verb: "stop",
    id,
    actor: actorOf(call.context),
    ...(confirm === undefined ? {} : { confirmed: confirm }),
    ...(reason === undefined ? {} : { reason }),
  });
  const parsed = StopResultShape.safeParse(operation.result);
  const problems = parsed.success ? toProblems(parsed.data.problems) : [without(operation)];
  const stopped = parsed.success ? parsed.data.stopped : [];
  await showProblems(call, problems);
  const exit = exitOfState(operation.state, problems);
  if (exit === EXIT.done) await endServer(server);
  const text =
    exit === EXIT.done
      ? `${fleet} ${ran ? `is stopped: ${counted(stopped.length, "stack")}` : `was stopped already: nothing of its ${counted(stopped.length, "stack")} ran`}; ${keptWords(server.places.root, parsed.success ? (parsed.data.keptIn ?? []) : [])}\nNext: ./ballast up ${shown}`
      : `${counted(stopped.length, "stack")} stopped; the control plane still runs`;
  const result = parsed.success ? { result: parsed.data } : {};
  return { exit, text, data: { fleet, stopped, deleted: false, ...result, problems: [...problems] } };
}

/** Whether there was anything to stop; where it cannot be determined, there may have been. */
async function anythingRuns({ client }: RunningServer): Promise<boolean> {
  const status = await client.status().catch(() => undefined);
  const runs = ({ kind, condition }: StackStatus["nodes"][number]) =>
    !["stopped", "absent", "lost"].includes(condition) && KINDS[kind as NodeKind]?.runs !== false;
  return status === undefined || status.stacks.some((stack) => stack.state === "unknown" || stack.nodes.some(runs));
}

/** Where what people put in lies, and that it is not where the control plane keeps what it knows itself. */
function keptWords(root: string, keptIn: readonly { readonly node: string; readonly place: string }[]): string {
  const places = keptIn.map(({ node, place }) => `  ${node}  ${place}`);
  return ["its data is kept:", ...places, `  what the control plane knows, with the sealed passwords  ${root}`].join("\n");
}

async function deleteAll(call: Call, { fleet }: NamedFleet, server: RunningServer): Promise<Outcome<"down">> {
  const { context, options, say } = call;
  const lost = losses(fleet, await server.client.status());
  // Whoever is asked must know before; whoever has answered is told once the answer is right.
  if (!say.json && options.confirm === undefined && canAsk(context)) say.note(lost);
  await typeName(context, fleet, options.confirm);
  if (!say.json && options.confirm !== undefined) say.note(lost);
  const id = operationId(context);
  const request = { verb: "remove", id, actor: actorOf(context), confirmed: fleet } as const;
  const operation = await removed(call, server, request);
  const work = operation === undefined ? { exit: EXIT.done, problems: [] } : appliedWork(operation);
  await showProblems(call, work.problems);
  const deleted = work.exit === EXIT.done;
  if (deleted) {
    await endServer(server);
    const service = await context.ports.service(fleet);
    if (service.installed) await service.remove();
    removePlaces(server.places);
  }
  const text = deleted
    ? `${fleet} is deleted, with its data and its passwords`
    : "not everything could be deleted; the control plane still runs";
  const result = "result" in work && work.result !== undefined ? { result: work.result } : {};
  return { exit: work.exit, text, data: { fleet, stopped: [], deleted, ...result, problems: [...work.problems] } };
}

/** Deletes one environment or pool that nobody declares any more. */
async function deleteOne(
  call: Call,
  { fleet, address }: { fleet: string; address: string },
  server: RunningServer,
): Promise<Outcome<"down">> {
  const { context } = call;
  const confirmed = await confirmedLoss(call, address, server);
  const request = { verb: "remove", id: operationId(context), actor: actorOf(context), stack: address, ...confirmed } as const;
  const operation = await operate(call, server.client, request);
  const parsed = ConvergeResultShape.safeParse(operation.result);
  const problems = parsed.success ? toProblems(parsed.data.problems) : [without(operation)];
  await showProblems(call, problems);
  const exit = exitOfState(operation.state, problems);
  const deleted = exit === EXIT.done;
  const some = parsed.success && parsed.data.changed.length > 0;
  const left = some || !parsed.success ? `not everything of ${address} could be deleted` : `nothing of ${address} was deleted`;
  const text = deleted ? `${address} is deleted, with its data` : left;
  return { exit, text, data: { fleet, stopped: [], deleted, problems: [...problems] } };
}

/** Says what is about to be lost, and wants the name. Of what is declared, or not here, nothing is lost: the control plane refuses that by itself. */
async function confirmedLoss(call: Call, address: string, { client }: RunningServer): Promise<{ confirmed?: string }> {
  const { context, options, say } = call;
  const seen = (await client.status()).stacks.find(({ stack }) => stack === address);
  if (seen?.state !== "undeclared") return options.confirm === undefined ? {} : { confirmed: options.confirm };
  const lost = `will permanently delete ${address}, with every order, picking and invoice in it; no backups exist`;
  const asks = options.confirm === undefined && canAsk(context);
  if (!say.json && asks) say.note(lost);
  const name = await typeName(context, nameToType(address), options.confirm);
  if (!say.json && !asks && !seen.nodes.some(isOpen)) say.note(lost);
  return { confirmed: name };
}

/** What still serves is mostly not deleted, but in its window. */
function isOpen({ kind, condition }: StackStatus["nodes"][number]): boolean {
  return condition === "serving" && KINDS[kind as NodeKind]?.closesWhenGone !== undefined;
}

/** Where nothing was ever applied there is nothing to remove but the installation itself. */
async function removed(
  call: Call,
  server: RunningServer,
  request: { verb: "remove"; id: string; actor: string; confirmed: string },
): Promise<OperationShape | undefined> {
  const { stacks, applied } = await server.client.status();
  if (stacks.length === 0 && applied === false) return undefined;
  return await operate(call, server.client, request);
}

/** By what is known to hold data, and by what is seen: neither alone is all of it. */
function losses(fleet: string, { stacks, holdsData = [] }: FleetStatus): string {
  const seen = stacks.flatMap(({ stack, nodes }) => nodes.map(({ node, kind }) => ({ stack, node, kind })));
  const held = Map.groupBy(
    [...holdsData, ...seen].filter(({ kind }) => KINDS[kind as NodeKind]?.holdsData === true),
    ({ stack }) => stack,
  );
  const lines = [...held].map(([stack, nodes]) =>
    nodes.some(({ kind }) => kind === "database")
      ? `  ${stack}: its database and files, with every order, picking and invoice in them`
      : `  ${stack}: ${listed([...new Set(nodes.map(({ node }) => node.slice(stack.length + 1)))].sort())}`,
  );
  return [
    `will permanently delete all of ${fleet}; no backups exist:`,
    ...lines.sort(),
    "  all generated passwords and the certificate authority",
  ].join("\n");
}

/** Only a folder that bears the fleet's name, alone or with a mark behind it, is removed, whatever the environment says. */
function removePlaces(places: InstallationPlaces): void {
  for (const folder of [places.volatile, places.root]) {
    const name = basename(folder);
    if ((name !== places.fleet && !name.startsWith(`${places.fleet}-`)) || dirname(folder) === "/")
      throw failure("BAL-C015", folder, "is not a folder of this fleet; it was left");
    // Another one that deletes it too, or a server that ends, may be writing there still.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  endOrphans(places.root);
}
