import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { type NamedFleet, nameOfFleet } from "../../fleet/fleet.ts";
import { isInstalled } from "../../fleet/fleet-choice.ts";
import type { Service } from "../../port.ts";
import { type Connected, isNotRunning, reach } from "../../server/connect.ts";
import { startServer, stopServer } from "../../server/control-plane-process.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface ServiceOptions {
  readonly print?: boolean;
}

type Call = Invocation<ServiceOptions>;
type Answer = Outcome<"service">;

const ACTIONS = { install, status, remove } as const;

export async function service(call: Call): Promise<Answer> {
  const [action = "", folder] = call.words;
  const perform = ACTIONS[action as keyof typeof ACTIONS];
  if (perform === undefined)
    throw failure("BAL-C001", "service", `"${action}" is nothing it does; one of: ${Object.keys(ACTIONS).join(", ")}`);
  if (call.options.print === true && action !== "install") throw failure("BAL-C001", "--print", "goes with install");
  const named = await nameOfFleet(call, folder);
  // Another user's unit is right for them, and would look out of date from here.
  if (call.options.print !== true) isInstalled(await call.context.ports.installations(), named.fleet);
  return await perform(call, named, await call.context.ports.service(named.fleet));
}

async function install(call: Call, named: NamedFleet, found: Service): Promise<Answer> {
  if (call.options.print === true) return { exit: EXIT.done, text: found.text.trimEnd(), data: dataOf(named, found) };
  if (!found.systemd)
    throw failure("BAL-C018", "systemd", "does not run on this machine, so nothing can be installed that starts with it", {
      hint: `ballast service install ${named.shown} --print shows the unit for another machine, or for what starts services here`,
    });
  await found.install();
  // Tenants run on while their control plane passes into the care of the service; unfinished work is taken up by it.
  const running = found.active ? undefined : await runningOf(call, named);
  if (running !== undefined) await stopServer(running);
  await startServer(call, named);
  const after = await call.context.ports.service(named.fleet);
  return { exit: EXIT.done, text: `${after.unit} starts with the machine now; its unit: ${after.file}`, data: dataOf(named, after) };
}

async function status(_call: Call, named: NamedFleet, found: Service): Promise<Answer> {
  return { exit: found.enabled && !found.outdated ? EXIT.done : EXIT.no, text: saysOf(named, found), data: dataOf(named, found) };
}

async function remove(call: Call, named: NamedFleet, found: Service): Promise<Answer> {
  if (!found.installed) return { exit: EXIT.done, text: `${found.unit} is not installed`, data: dataOf(named, found) };
  await found.remove();
  const after = await call.context.ports.service(named.fleet);
  return { exit: EXIT.done, text: `${after.unit} is removed; what runs goes on until it is stopped`, data: dataOf(named, after) };
}

function saysOf({ shown }: NamedFleet, found: Service): string {
  if (!found.systemd) return `systemd does not run on this machine: the fleet does not start with it; after a restart: ballast up ${shown}`;
  if (!found.installed) return `${found.unit} is not installed: ballast service install ${shown}`;
  if (found.outdated) return `${found.unit} is of another place or version of Ballast: ballast service install ${shown}`;
  const enabled = found.enabled ? "starts with the machine" : `is installed and disabled: systemctl enable ${found.unit}`;
  return `${found.unit} ${enabled}; ${found.active ? "it runs" : "it does not run now"}`;
}

function dataOf({ fleet }: NamedFleet, found: Service): Answer["data"] {
  const { unit, file, text, systemd, installed, outdated, enabled, active } = found;
  return { fleet, unit, file, text, systemd, installed, outdated, enabled, active };
}

async function runningOf({ context }: Call, named: NamedFleet): Promise<Connected | undefined> {
  return await reach(context, named).catch((error: unknown) => {
    if (isNotRunning(error)) return undefined;
    throw error;
  });
}
