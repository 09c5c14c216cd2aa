import { type Checked, concluded, type Problem } from "../../kernel/problem.ts";
import { type AnyNode, type NodeId, nameOf, type Stack, type StackId } from "./node.ts";

/** What somebody wants to have rotated. */
export interface RotationWish {
  /** One stack; all of them when missing. */
  readonly stack?: StackId;
  /** Names of secrets such as `role-password`, of certificates or authorities; what people need not know of when missing. */
  readonly only?: readonly string[];
}

/** Left out unless it is named: people have set it themselves, must be told of the new one, or are signed out. */
const BY_NAME_ONLY: ReadonlySet<string> = new Set(["admin-password", "authority", "database-secret"]);

/** Learned by a running process, or by the database, without a restart. */
const BY_NOBODY_NOTICED: ReadonlySet<string> = new Set(["superuser-password", "api-key"]);

/** The name under which it is rotated; none for what holds no secret. That of a database never leaves it, so it is no node of its own. */
function secretName(node: AnyNode): string | undefined {
  if (node.kind === "database") return "database-secret";
  return node.kind === "secret" || node.kind === "certificate" || node.kind === "authority" ? nameOf(node.id) : undefined;
}

/** The nodes whose value is to change. Refuses a stack that is not there, and names that nothing answers to. */
export function rotated(stacks: readonly Stack[], { stack, only }: RotationWish): Checked<readonly NodeId[]> {
  const chosen = stack === undefined ? stacks : stacks.filter((one) => one.id === stack);
  if (chosen.length === 0) {
    const known = stacks.map((one) => one.id).join(", ");
    return concluded<readonly NodeId[]>([], [refusal(stack ?? "fleet", `there is no stack of this name; one of: ${known}`)]);
  }
  const found = chosen.flatMap((one) => one.nodes.map((node) => ({ id: node.id, name: secretName(node) })));
  const names = new Set(found.flatMap((one) => one.name ?? []));
  const unknown = (only ?? []).filter((name) => !names.has(name));
  const problems: Problem[] = unknown.map((name) =>
    refusal(stack ?? "fleet", `nothing named ${name} can be rotated there; one of: ${[...names].sort().join(", ")}`),
  );
  const isWanted = (name: string) => (only === undefined ? !BY_NAME_ONLY.has(name) : only.includes(name));
  return concluded(
    found.flatMap(({ id, name }) => (name !== undefined && isWanted(name) ? [id] : [])),
    problems,
  );
}

/** Stacks whose people notice: a rotated secret restarts its users, a certificate does not. */
export function disturbedBy(stacks: readonly Stack[], targets: readonly NodeId[]): readonly StackId[] {
  const wanted = new Set(targets);
  const restarts = (node: AnyNode) => node.kind === "database" || (node.kind === "secret" && !BY_NOBODY_NOTICED.has(node.spec.purpose));
  return stacks.filter((stack) => stack.nodes.some((node) => wanted.has(node.id) && restarts(node))).map((stack) => stack.id);
}

function refusal(at: string, message: string): Problem {
  return { code: "BAL-A007", severity: "error", at, message };
}
