import { setTimeout as sleep } from "node:timers/promises";
import type { FleetStatus } from "../../../api/contract/contract.ts";
import { formatInstant } from "../../../domain/calendar/format.ts";
import { suggestion } from "../../../kernel/distance.ts";
import { failure } from "../../../kernel/problem.ts";
import { nameOfFleet } from "../../fleet/fleet.ts";
import { readWords } from "../../fleet/fleet-choice.ts";
import { exitOfStatus, renderStatus } from "../../render/status.ts";
import { type Connected, connect } from "../../server/connect.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface StatusOptions {
  readonly watch?: boolean;
}

const WATCH_MS = 2000;

export async function status(call: Invocation<StatusOptions>): Promise<Outcome<"status">> {
  const { folder, address } = readWords(call.words, call.context.cwd);
  const connected = await connect(call.context, await nameOfFleet(call, folder));
  if (call.options.watch === true) await watch(call, connected, address);
  const found = only(await connected.client.status(), address);
  return { exit: exitOfStatus(found), text: await textOf(call, connected, found, address), data: found };
}

/** Says it again whenever it is another than before, until Ctrl-C. */
async function watch(call: Invocation<StatusOptions>, connected: Connected, address: string | undefined): Promise<never> {
  let before = "";
  for (;;) {
    const found = only(await connected.client.status(), address);
    const now = JSON.stringify(found.stacks);
    if (now !== before) call.say.line(await textOf(call, connected, found, address), { line: "status", status: found });
    before = now;
    await sleep(WATCH_MS);
  }
}

async function textOf(call: Invocation, { zone }: Connected, found: FleetStatus, address: string | undefined): Promise<string> {
  const { colours, aligned, columns } = call.say;
  const how = { colours, aligned, fleet: await call.say.fleet?.(), ...(columns === undefined ? {} : { columns }) };
  return renderStatus(found, { ...how, asOf: formatInstant(zone, Date.parse(found.asOf)), detailed: address !== undefined });
}

/** The stack of an address, or the stack in which a node is. */
function only(found: FleetStatus, address: string | undefined): FleetStatus {
  if (address === undefined) return found;
  const stacks = found.stacks.filter((stack) => stack.stack === address || stack.nodes.some((node) => node.node === address));
  if (stacks.length > 0) return { ...found, stacks };
  throw unknownAddress(found, address);
}

export function unknownAddress(found: FleetStatus, address: string) {
  const known = found.stacks.map((stack) => stack.stack);
  return failure("BAL-C013", address, `nothing runs under this address${suggestion(address, known)}`, {
    hint: known.length === 0 ? "nothing was applied yet" : `one of: ${known.slice(0, 30).join(" ")}`,
  });
}
