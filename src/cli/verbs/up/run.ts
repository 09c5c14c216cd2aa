import type { OperationShape } from "../../../api/contract/contract.ts";
import { JourneyResultShape } from "../../../api/contract/results.ts";
import type { Environment } from "../../../domain/fleet/model.ts";
import { type Problem, ProblemError } from "../../../kernel/problem.ts";
import { EXIT, exitOf } from "../../exit.ts";
import { filesOf, type ReadFleet, readFleet, todayOf } from "../../fleet/fleet.ts";
import { isInstalled } from "../../fleet/fleet-choice.ts";
import { type AppliedWork, appliedWork, createdEnvironments } from "../../operations/applying.ts";
import { compileUnbuilt, inspect, needsOf } from "../../operations/first-plan.ts";
import { fullJourneys } from "../../operations/full-journeys.ts";
import { actorOf, operate, operateConfirmed, operationId, showProblems } from "../../operations/operate.ts";
import { answersOf } from "../../operations/override.ts";
import { prepareMachine } from "../../operations/prepare-machine.ts";
import { renderApply, renderJourney } from "../../render/operation.ts";
import { ensureServer, type RunningServer } from "../../server/control-plane-process.ts";
import { toProblems } from "../../server/wire.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface UpOptions {
  readonly yes?: boolean;
  readonly lostStore?: boolean;
  readonly confirm?: string;
  readonly new?: readonly string[];
}

type Call = Invocation<UpOptions>;

interface Passed {
  readonly stack: string;
  readonly operation: string;
  readonly result?: JourneyResultShape;
}

export async function up(call: Call): Promise<Outcome<"up">> {
  const read = await readWhole(call);
  // Refuses before anything is installed for it, where the fleet may be another user's.
  isInstalled(await call.context.ports.installations(), read.loaded.fleet.name);
  await readyMachine(call, read);
  const server = await readyServer(call, read);
  const id = operationId(call.context);
  const files = [...read.files.files];
  const operation = await operateConfirmed(call, server.client, {
    verb: "apply",
    id,
    actor: actorOf(call.context),
    files,
    ...answersOf(call.options),
  });
  const work = appliedWork(operation);
  const up = work.exit === EXIT.done || work.exit === EXIT.changes;
  const created = new Set(up ? createdEnvironments(work.result) : []);
  const environments = read.loaded.fleet.tenants.flatMap((tenant) => tenant.environments);
  const journeys = await runAll(
    call,
    server,
    environments.filter((environment) => created.has(environment.address) && !environment.suspended),
  );
  return await conclude(call, { read, server, operation, work, journeys });
}

/** Everything that is wrong with the files, before the machine is touched. */
async function readWhole(call: Call): Promise<ReadFleet> {
  const read = await readFleet(call.context, await filesOf(call, call.words[0]));
  const compiled = compileUnbuilt(read.loaded);
  if (!compiled.ok) throw new ProblemError(compiled.problems);
  const { findings } = inspect(read.loaded, todayOf(call.context));
  if (findings.some((finding) => finding.severity === "error")) throw new ProblemError(findings);
  await showProblems(call, [...read.warnings, ...compiled.warnings, ...findings]);
  return read;
}

/** What of the machine is worth a line each time; `doctor` shows all of it. */
const SUMMARY = new Set(["docker", "memory"]);

async function readyMachine(call: Call, { loaded }: ReadFleet): Promise<void> {
  const findings = await prepareMachine(call, needsOf(loaded), call.options.yes === true);
  passed(
    call,
    "machine",
    findings
      .filter((finding) => finding.state === "ok" && SUMMARY.has(finding.id))
      .map((finding) => finding.text)
      .join("; "),
  );
  await showProblems(
    call,
    findings
      .filter((finding) => finding.state === "warning")
      .map((finding) => ({ code: "BAL-C011", severity: "warning", at: finding.id, message: finding.text })),
  );
}

async function readyServer(call: Call, { loaded, files }: ReadFleet): Promise<RunningServer> {
  const server = await ensureServer(
    call,
    { fleet: loaded.fleet.name, shown: files.shown },
    { giveUpLost: call.options.lostStore === true },
  );
  passed(call, "control plane", `version ${server.health.version}, ${server.began}`);
  return server;
}

function passed(call: Call, step: string, text: string): void {
  if (!call.say.json) call.say.note(` ${call.say.progressColours.green("✔")} ${step}  ${text}`);
}

async function runAll(call: Call, server: RunningServer, made: readonly Environment[]): Promise<readonly Passed[]> {
  const passed: Passed[] = [];
  const full = fullJourneys(made);
  for (const { address: stack } of made) {
    const id = operationId(call.context);
    const steps = full.has(stack) ? "all" : "reading";
    const ended = await operate(call, server.client, { verb: "journey", id, actor: actorOf(call.context), stack, steps });
    const parsed = JourneyResultShape.safeParse(ended.result);
    if (parsed.success && !call.say.json) call.say.note(renderJourney(stack, parsed.data, call.say.progressColours));
    passed.push({ stack, operation: ended.id, ...(parsed.success ? { result: parsed.data } : {}) });
  }
  return passed;
}

interface Ended {
  readonly read: ReadFleet;
  readonly server: RunningServer;
  readonly operation: OperationShape;
  readonly work: AppliedWork;
  readonly journeys: readonly Passed[];
}

async function conclude(call: Call, ended: Ended): Promise<Outcome<"up">> {
  const { operation, work, journeys, server } = ended;
  const failures = journeys.filter((journey) => journey.result?.state !== "done");
  const problems: readonly Problem[] = [...work.problems, ...failures.flatMap((journey) => toProblems(journey.result?.problems ?? []))];
  await showProblems(call, problems);
  const well = work.exit === EXIT.done || work.exit === EXIT.changes;
  const urls = well ? (await server.client.status()).stacks.flatMap((stack) => stack.url ?? []) : [];
  const summary = work.result === undefined ? "" : renderApply(work.result, call.say.colours);
  const { authorityFile: authority, credentialsFile: credentials } = server.places;
  const { enabled } = await call.context.ports.service(ended.read.loaded.fleet.name);
  return {
    exit: well && failures.length > 0 ? exitOf(problems) || EXIT.no : work.exit,
    text: well ? [summary, closing(ended, urls, enabled)].join("\n") : summary,
    data: {
      operation,
      ...(work.result === undefined ? {} : { result: work.result }),
      journeys: journeys.map((journey) => ({ ...journey })),
      urls,
      authority,
      credentials,
      problems: [...ended.read.warnings, ...problems],
    },
  };
}

/** Where to go now. */
function closing({ read, server, journeys }: Ended, urls: readonly string[], enabled: boolean): string {
  const { shown } = read.files;
  const production = read.loaded.fleet.tenants.flatMap((tenant) => tenant.environments).find((one) => one.name === "production");
  const done = journeys.filter((journey) => journey.result?.state === "done").length;
  const whole = journeys.filter((journey) => (journey.result?.full.length ?? 0) > 0).length;
  const { authorityFile, credentialsFile } = server.places;
  return [
    ...(journeys.length === 0 ? [] : [`journeys: ${done} of ${journeys.length} passed, ${whole} of them on an ephemeral clone`]),
    `Open ${urls[0] ?? "nothing yet"}   authority: ${authorityFile}   first passwords: ${credentialsFile} (0600)`,
    `Next: ./ballast status ${shown} · ./ballast plan ${shown} · ./ballast logs ${shown} ${production?.address ?? "ADDRESS"} · ./ballast down ${shown}`,
    `No backups exist yet for this fleet.  ${enabled ? "It starts with the machine." : `It does not start with the machine: ./ballast service install ${shown}`}`,
  ].join("\n");
}
