import { nodeOf } from "../../domain/stack/data-record.ts";
import { type Edge, type StackId, stackOf } from "../../domain/stack/node.ts";
import type { ObservedNode, Seen } from "../../domain/stack/observation.ts";
import { lookAt, survey } from "../../engines/survey.ts";
import { failure, type Problem, ProblemError } from "../../kernel/problem.ts";
import type { Revision } from "../revisions/revisions.ts";
import type { ControlPlaneParts } from "../serve/control-plane-parts.ts";

type RemovalParts = Pick<ControlPlaneParts, "engine" | "memory">;

/** The other stacks of which something stands on this one: what is there, what is lost, and what is remembered, whose server may not be there to ask. */
async function usersOf({ engine, memory }: RemovalParts, all: readonly string[], stack: StackId): Promise<readonly string[]> {
  const others = all.filter((id) => id !== stack);
  const seen = await survey(
    engine,
    others.map((id) => ({ id, role: "environment", nodes: [] })),
  );
  // Of what cannot be seen nobody knows what it stands on: unknown is not nothing.
  const [unseen] = seen.filter((one) => one.unseen !== undefined);
  if (unseen !== undefined)
    throw failure("BAL-W080", unseen.stack, `cannot be seen now, and may stand on ${stack}: ${unseen.unseen}`, {
      hint: "see whether the machine answers: ballast status; then ask again",
    });
  const here = seen
    .filter(({ nodes }) => [...nodes.values()].some((observation) => leadsTo(usesOf(observation), stack)))
    .map((one) => one.stack);
  const remembered = [...memory.records().values()]
    .filter(({ node, declared }) => stackOf(node) !== stack && leadsTo(declared.uses, stack))
    .map(({ node }) => stackOf(node));
  return [...new Set([...here, ...remembered])].sort();
}

function usesOf(observation: Seen<ObservedNode>): readonly Edge[] {
  if (observation.state === "present") return observation.value.declared.uses;
  return observation.state === "lost" ? observation.declared.uses : [];
}

function leadsTo(uses: readonly Edge[], stack: StackId): boolean {
  return uses.some((edge) => stackOf(edge.to) === stack);
}

/** Of what holds data of a stack, what cannot be seen now: deleting the rest would leave that behind, and say that all is gone. */
export async function unseenData({ engine, memory }: RemovalParts, stack: StackId): Promise<readonly Problem[]> {
  const own = [...memory.records().values()].filter(({ node }) => stackOf(node) === stack);
  // What is on a server of the stack's own goes with that server's disk, whether or not the server runs.
  const records = own.filter(({ declared }) => declared.uses.every((edge) => edge.as !== "sql" || stackOf(edge.to) !== stack));
  const { nodes } = await lookAt(engine, { id: stack, role: "environment", nodes: records.map(nodeOf) });
  return records.flatMap(({ node }): readonly Problem[] => {
    const observation = nodes.get(node);
    if (observation?.state !== "unknown") return [];
    const hint = "it was not deleted. Where its server was stopped or is no longer declared, declare it and apply; then delete again";
    return [{ code: "BAL-W003", severity: "error", at: node, message: `holds data and cannot be seen: ${observation.because}`, hint }];
  });
}

async function assertSeen(parts: RemovalParts, stack: StackId): Promise<void> {
  const problems = await unseenData(parts, stack);
  if (problems.length > 0) throw new ProblemError(problems);
}

/** One stack alone is deleted only when nobody declares it: else the next apply would make it again, empty. */
export async function assertUndeclared(parts: RemovalParts, revision: Revision | undefined, stack: StackId): Promise<void> {
  const { engine } = parts;
  if (revision?.stacks.has(stack) === true) {
    throw failure("BAL-A006", stack, "is declared; what is declared is not deleted alone", {
      hint: "take it out of the fleet and apply; its data is kept until you delete it by name",
    });
  }
  const all = await engine.stacks();
  if (!all.includes(stack)) throw failure("BAL-A004", stack, "nothing of it is here");
  const users = await usersOf(parts, all, stack);
  if (users.length === 0) return await assertSeen(parts, stack);
  throw failure("BAL-A006", stack, `data of ${users.join(", ")} stands on it`, { hint: "delete those first, each by its name" });
}
