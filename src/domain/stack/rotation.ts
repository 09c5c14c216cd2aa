import { type Checked, concluded, type Problem } from "../../kernel/problem.ts";
import { KINDS } from "./kinds/facts.ts";
import { type AnyNode, type Edge, type NodeId, nameOf, type Stack, type StackId } from "./node.ts";

/** What somebody wants to have rotated. */
export interface RotationRequest {
  /** One stack; all of them when missing. */
  readonly stack?: StackId;
  /** Names of secrets such as `role-password`, of certificates or authorities; what people need not know of when missing. */
  readonly only?: readonly string[];
}

/** Left out unless it is named: people have set it themselves, must be told of the new one, or are signed out. */
const BY_NAME_ONLY: ReadonlySet<string> = new Set(["admin-password", "authority", "database-secret"]);

/** Of a secret that its server is told while it runs, and that nobody but Ballast uses. */
const TOLD_LIVE = "superuser-password";

/** The name under which it is rotated; none for what holds no secret. That of a database never leaves it, so it is no node of its own. */
function secretName(node: AnyNode): string | undefined {
  if (node.kind === "database") return "database-secret";
  return node.kind === "secret" || node.kind === "certificate" || node.kind === "authority" ? nameOf(node.id) : undefined;
}

/** Rotated with the whole fleet only: they are the control plane's own, and of no stack. */
const OF_THE_CONTROL_PLANE = ["api-token", "sealing-key"];

/** The nodes whose value is to change. Refuses a stack that is not there, and names that nothing answers to. */
export function rotated(stacks: readonly Stack[], { stack, only }: RotationRequest): Checked<readonly NodeId[]> {
  const chosen = stack === undefined ? stacks : stacks.filter((one) => one.id === stack);
  if (chosen.length === 0) {
    const known = stacks.map((one) => one.id).join(", ");
    return concluded<readonly NodeId[]>([], [refusal(stack ?? "fleet", `there is no stack of this name; one of: ${known}`)]);
  }
  const found = chosen.flatMap((one) => one.nodes.map((node) => ({ id: node.id, name: secretName(node) })));
  const names = new Set(found.flatMap((one) => one.name ?? []));
  const unknown = (only ?? []).filter((name) => !names.has(name));
  const known = [...names, ...(stack === undefined ? OF_THE_CONTROL_PLANE : [])].sort();
  const problems: Problem[] = unknown.map((name) =>
    refusal(stack ?? "fleet", `nothing named ${name} can be rotated there; one of: ${known.join(", ")}`),
  );
  const isWanted = (name: string) => (only === undefined ? !BY_NAME_ONLY.has(name) : only.includes(name));
  return concluded(
    found.flatMap(({ id, name }) => (name !== undefined && isWanted(name) ? [id] : [])),
    problems,
  );
}

/** Stacks whose people notice: those in which something that uses a rotated secret is closed by learning it, as its kind says. */
export function disturbedBy(stacks: readonly Stack[], targets: readonly NodeId[]): readonly StackId[] {
  const wanted = new Set(targets);
  const isTold = ({ as, to }: Edge) =>
    wanted.has(to) && (as === "credential" || as === "trust" || as === "data") && nameOf(to) !== TOLD_LIVE;
  const isClosed = ({ kind, uses }: AnyNode) =>
    uses.filter(isTold).some(({ to }) => KINDS[kind].updateImpact([nameOf(to)]).interruption === "closed");
  return stacks.filter((stack) => stack.nodes.some(isClosed)).map((stack) => stack.id);
}

function refusal(at: string, message: string): Problem {
  return { code: "BAL-A007", severity: "error", at, message };
}
