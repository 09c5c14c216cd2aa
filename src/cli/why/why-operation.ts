import { endOf } from "../../api/contract/results.ts";
import { formatInstant } from "../../domain/calendar/format.ts";
import type { Why } from "../../domain/why/answer.ts";
import { whyOperation } from "../../domain/why/operation.ts";
import { suggestion } from "../../kernel/distance.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import { nameOfFleet } from "../fleet/fleet.ts";
import type { Client, OperationWithParts } from "../server/client.ts";
import { connect } from "../server/connect.ts";
import type { Invocation } from "../terminal/outcome.ts";
import type { Asked } from "./asked.ts";

const LOOKED_THROUGH = 200;

export async function answerOperation(call: Invocation, { subject, folder }: Asked): Promise<Why> {
  const named = await nameOfFleet(call, folder);
  const { client, zone } = await connect(call.context, named);
  const { parts, ...operation } = await find(client, subject);
  return whyOperation({
    operation,
    began: formatInstant(zone, Date.parse(operation.createdAt)),
    parts,
    ledger: await client.decisions(subject),
    ...endOf(operation.result),
    fleet: named.shown,
  });
}

async function find(client: Client, id: string): Promise<OperationWithParts> {
  try {
    return await client.operation(id);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problems[0]?.code !== "BAL-A004") throw error;
    const known = (await client.operations(LOOKED_THROUGH)).map((one) => one.id);
    throw failure("BAL-C017", id, `there is no such operation${suggestion(id, known)}`, {
      hint: "ballast operations lists them",
      cause: error,
    });
  }
}
