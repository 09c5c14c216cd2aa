import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { isInstalled } from "../../fleet/fleet-choice.ts";
import { wholeNumber } from "../../terminal/numbers.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface ServerOptions {
  readonly fleetName: string;
  readonly port: string;
  readonly wait: string;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export async function server({ context, options }: Invocation<ServerOptions>): Promise<Outcome<"server">> {
  const { fleetName: fleet } = options;
  if (!LABEL.test(fleet)) throw failure("BAL-C001", "--fleet-name", `"${fleet}" is not the name of a fleet`);
  const port = wholeNumber("--port", options.port, { least: 1, most: 65_535 });
  const waitSeconds = wholeNumber("--wait", options.wait, { least: 0, most: 86_400 });
  // Refuses where another user may have installed it: a second control plane of one fleet would know nothing of its data.
  isInstalled(await context.ports.installations(), fleet);
  const code = await context.ports.serve({ fleet, port, waitSeconds });
  return { exit: code === 0 ? EXIT.done : EXIT.no, text: "", data: { fleet } };
}
