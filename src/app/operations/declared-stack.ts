import type { Stack, StackId } from "../../domain/stack/node.ts";
import { suggestion } from "../../kernel/distance.ts";
import { failure } from "../../kernel/problem.ts";
import type { Revision } from "../revisions/revisions.ts";

/**
 * The stack of an address that somebody typed.
 * @throws BAL-A026 with what may have been meant: of a tenant, its environments, since each has data of its own.
 */
export function declaredStack({ stacks }: Pick<Revision, "stacks">, address: StackId): Stack {
  const found = stacks.get(address);
  if (found !== undefined) return found;
  const known = [...stacks.keys()];
  const inside = known.filter((id) => id.startsWith(`${address}/`));
  if (inside.length > 0)
    throw failure("BAL-A026", address, "is a tenant, and each of its environments has data of its own: name that", {
      hint: `one of: ${inside.join(" ")}`,
    });
  const hint = `one of: ${known.slice(0, 30).join(" ")}`;
  throw failure("BAL-A026", address, `nothing that is declared has this address${suggestion(address, known)}`, { hint });
}
