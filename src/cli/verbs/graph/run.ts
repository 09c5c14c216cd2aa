import { graphOfStack, graphOfStacks } from "../../../domain/stack/graph.ts";
import { suggestion } from "../../../kernel/distance.ts";
import { failure, ProblemError } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { filesOf, readFleet } from "../../fleet/fleet.ts";
import { readWords } from "../../fleet/fleet-choice.ts";
import { compileUnbuilt } from "../../operations/first-plan.ts";
import { mermaidOf } from "../../render/graph.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface GraphOptions {
  readonly format: string;
}

const FORMATS = ["mermaid", "json"] as const;

export async function graph(call: Invocation<GraphOptions>): Promise<Outcome<"graph">> {
  const { format } = call.options;
  if (!FORMATS.some((one) => one === format))
    throw failure("BAL-C001", "--format", `"${format}" is not a form it knows; one of: ${FORMATS.join(", ")}`);
  const { folder, address } = readWords(call.words, call.context.cwd);
  const { loaded } = await readFleet(call.context, await filesOf(call, folder));
  const compiled = compileUnbuilt(loaded);
  if (!compiled.ok) throw new ProblemError(compiled.problems);
  const { stacks } = compiled.value;
  const stack = address === undefined ? undefined : stacks.get(address);
  if (address !== undefined && stack === undefined) throw noSuchStack(address, [...stacks.keys()]);
  const drawn = stack === undefined ? graphOfStacks(stacks) : graphOfStack(stack, stacks);
  const data = {
    fleet: loaded.fleet.name,
    ...(address === undefined ? {} : { stack: address }),
    nodes: drawn.nodes.map((node) => ({ ...node })),
    edges: drawn.edges.map((edge) => ({ ...edge, as: [...edge.as] })),
  };
  return { exit: EXIT.done, text: format === "json" ? JSON.stringify(data, undefined, 2) : mermaidOf(drawn), data };
}

function noSuchStack(address: string, known: readonly string[]) {
  return failure("BAL-C013", address, `there is no stack of this address${suggestion(address, known)}`, {
    hint: `one of: ${known.slice(0, 30).join(" ")}`,
  });
}
