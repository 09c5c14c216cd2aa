import type { StackStatus } from "../../../api/contract/contract.ts";
import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { nameOfFleet } from "../../fleet/fleet.ts";
import { readWords } from "../../fleet/fleet-choice.ts";
import { timeIn } from "../../render/operation.ts";
import { connect } from "../../server/connect.ts";
import { wholeNumber } from "../../terminal/numbers.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";
import { oneLine } from "../../terminal/terminal.ts";
import { unknownAddress } from "../status/run.ts";

export interface LogsOptions {
  readonly follow?: boolean;
  readonly tail: string;
}

export async function logs(call: Invocation<LogsOptions>): Promise<Outcome<"logs">> {
  const { context, options, say, words } = call;
  const { folder, address } = readWords(words, context.cwd);
  if (address === undefined)
    throw failure("BAL-C001", "logs", "an address is needed: a stack or one of its nodes", {
      hint: "such as acme/production, or acme/production/odoo",
    });
  const tail = wholeNumber("--tail", options.tail, { least: 0, most: 10_000 });
  const { client, zone } = await connect(context, await nameOfFleet(call, folder));
  const status = await client.status();
  const stack = status.stacks.find((one) => one.stack === address || one.nodes.some((node) => node.node === address));
  if (stack === undefined) throw unknownAddress(status, address);
  const query = { stack: stack.stack, tail, follow: options.follow === true, ...(address === stack.stack ? {} : { node: address }) };
  let lines = 0;
  for await (const log of client.logs(query)) {
    lines += 1;
    const time = log.at === "" || Number.isNaN(Date.parse(log.at)) ? "" : `${timeIn(zone, log.at)} `;
    say.line(`${say.colours.dim(`${time}${log.node.slice(stack.stack.length + 1)}`)}  ${oneLine(log.text)}`, { line: "log", log });
  }
  if (lines === 0) refuseAway(stack, address);
  if (lines === 0 && !say.json) say.note(`${address} has written nothing`);
  return { exit: EXIT.done, text: "", data: { lines } };
}

/** What is away has no log: that it wrote nothing is not known. */
function refuseAway({ stack, state, nodes }: StackStatus, address: string): void {
  const one = nodes.find((node) => node.node === address);
  const closed = CLOSED[state];
  const why = one === undefined ? closed : (away(one) ?? closed);
  if (why !== undefined) throw failure("BAL-C048", address, why, { hint: `ballast why ${stack}` });
}

function away({ condition, because }: StackStatus["nodes"][number]): string | undefined {
  if (condition === "absent") return "it is not there, so there is no log of it";
  return condition === "unknown" ? `it cannot be seen: ${because ?? "unknown"}` : undefined;
}

const CLOSED: Partial<Readonly<Record<StackStatus["state"], string>>> = {
  suspended: "it is suspended: its processes are gone, and their logs with them",
  undeclared: "it is no longer declared: its processes are gone, and their logs with them",
  stopped: "it is stopped: its processes are gone, and their logs with them",
};
