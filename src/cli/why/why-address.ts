import type { FleetStatus } from "../../api/contract/contract.ts";
import { formatInstant } from "../../domain/calendar/format.ts";
import { stateAt } from "../../domain/calendar/state.ts";
import { explain } from "../../domain/fleet/explain.ts";
import type { LoadedFleet } from "../../domain/fleet/model.ts";
import type { Because, Why } from "../../domain/why/answer.ts";
import { whyState } from "../../domain/why/state.ts";
import { whyDeclaration, whyValue } from "../../domain/why/value.ts";
import { suggestion } from "../../kernel/distance.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import { filesOf, nameOfFleet, type ReadFleet, readFleet, todayOf } from "../fleet/fleet.ts";
import { inspect } from "../operations/first-plan.ts";
import { type Connected, connect } from "../server/connect.ts";
import type { Invocation } from "../terminal/outcome.ts";
import type { Asked } from "./asked.ts";

/** A field of an address: its value, its source, and what a guardrail says of it. */
export async function answerValue(call: Invocation, { subject, folder }: Asked): Promise<Why> {
  const [address = "", field = ""] = subject.split("#", 2);
  const { loaded, files } = await readFleet(call.context, await filesOf(call, folder));
  const explained = explain(loaded, address);
  if (!explained.ok) throw new ProblemError(explained.problems);
  const value = explained.value.find((one) => one.field === field);
  const { findings } = inspect(loaded, todayOf(call.context));
  if (value !== undefined) return whyValue(loaded, { address, value, findings, fleet: files.shown });
  const fields = explained.value.map((one) => one.field);
  const whole = fields.map((one) => `${address}#${one}`);
  const hint = `one of: ${fields.slice(0, 40).join(" ")}`;
  throw failure("BAL-C017", subject, `${address} has no value "${field.slice(0, 100)}"${suggestion(subject, whole)}`, { hint });
}

/** An address: the state of a stack or node where the control plane shows one, else what is declared there. */
export async function answerAddress(call: Invocation, { subject, folder }: Asked): Promise<Why> {
  const read = await readIfHere(call, folder);
  if (read !== undefined && isOnlyDeclared(read.loaded, subject)) return declaration(call, read, subject);
  const named = await nameOfFleet(call, folder);
  const connected = await connect(call.context, named);
  const status = await connected.client.status();
  const seen = status.stacks.find((stack) => stack.stack === subject || stack.nodes.some((node) => node.node === subject));
  if (seen === undefined) throw unknown(status, read?.loaded, subject);
  const planned = read === undefined ? undefined : await connected.client.plan(read.files.files);
  const changes = planned?.stacks.find((stack) => stack.stack === seen.stack)?.changes ?? [];
  return whyState({ subject, seen, changes, asOf: asOf(connected, status), fleet: named.shown });
}

function asOf({ zone }: Connected, status: FleetStatus): string {
  return formatInstant(zone, Date.parse(status.asOf));
}

/** The files, where there are some that can be read: a state can be asked about without them. */
async function readIfHere(call: Invocation, folder: string | undefined): Promise<ReadFleet | undefined> {
  try {
    return await readFleet(call.context, await filesOf(call, folder));
  } catch (error) {
    if (folder === undefined && error instanceof ProblemError) return undefined;
    throw error;
  }
}

/** Of environments, pools and regions there is a stack to look at; of other declarations there is not. */
function isOnlyDeclared({ fleet, addresses }: LoadedFleet, address: string): boolean {
  const environments = fleet.tenants.flatMap((tenant) => tenant.environments);
  return addresses.includes(address) && !address.startsWith("pool/") && !environments.some((one) => one.address === address);
}

function declaration(call: Invocation, { loaded, files }: ReadFleet, address: string): Why {
  const { findings } = inspect(loaded, todayOf(call.context));
  return whyDeclaration(loaded, { address, findings, facts: calendarFacts(loaded, address, call.context.now()), fleet: files.shown });
}

function calendarFacts({ fleet }: LoadedFleet, address: string, now: number): readonly Because[] {
  const calendar = fleet.calendars.find((one) => `calendar/${one.name}` === address);
  if (calendar === undefined) return [];
  const { admitted, reasons, nextOpen } = stateAt(calendar, now);
  if (admitted) return [{ text: "it admits disruptive changes now", rule: "open" }];
  const opens = nextOpen === undefined ? "no opening foreseen" : `opens ${formatInstant(calendar.zone, nextOpen)}`;
  return [{ text: `it admits no disruptive change now; ${opens}` }, ...reasons.map(({ because, text }) => ({ text, rule: because }))];
}

function unknown(status: FleetStatus, loaded: LoadedFleet | undefined, subject: string): ProblemError {
  const known = [...new Set([...status.stacks.map((stack) => stack.stack), ...(loaded?.addresses ?? [])])];
  const nodes = status.stacks.flatMap((stack) => stack.nodes.map((node) => node.node));
  return failure("BAL-C017", subject, `nothing has this address${suggestion(subject, [...known, ...nodes])}`, {
    hint: `one of: ${known.slice(0, 30).join(" ")}`,
  });
}
