import type { Store } from "../../adapters/store/store.ts";
import type { Engine } from "../../engines/engine.ts";
import { bounded, MESSAGE } from "../../kernel/foreign-text.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import type { Declared } from "./closing.ts";
import type { Revision, Revisions } from "./revisions.ts";

/** What is in force: nothing yet, a revision, or one that this version cannot read or compile. Unreadable is never treated as nothing. */
export type InForce =
  | { readonly state: "none" }
  | { readonly state: "readable"; readonly hash: string; readonly revision: Revision }
  | { readonly state: "unreadable"; readonly hash: string; readonly cause: string };

export interface InForceParts {
  readonly store: Pick<Store, "revisionInForce">;
  readonly revisions: Pick<Revisions, "byHash">;
}

export async function readInForce({ store, revisions }: InForceParts): Promise<InForce> {
  const hash = await store.revisionInForce();
  if (hash === undefined) return { state: "none" };
  return await revisions.byHash(hash).then(
    (revision): InForce => ({ state: "readable", hash, revision }),
    (error: unknown): InForce => ({ state: "unreadable", hash, cause: causeOf(error) }),
  );
}

function causeOf(error: unknown): string {
  const said =
    error instanceof ProblemError ? error.problems.map(({ code, at, message }) => `${code} ${at}: ${message}`).join("; ") : String(error);
  return bounded(said, MESSAGE);
}

export function hashInForce(inForce: InForce): string | undefined {
  return inForce.state === "none" ? undefined : inForce.hash;
}

export function revisionIn(inForce: InForce): Revision | undefined {
  return inForce.state === "readable" ? inForce.revision : undefined;
}

/** The revision in force, where something is; an unreadable one is refused with its cause. */
export function assertReadable(inForce: InForce): Revision | undefined {
  if (inForce.state === "unreadable") throw unreadable(inForce.hash, inForce.cause);
  return revisionIn(inForce);
}

function unreadable(hash: string, cause: string): ProblemError {
  return failure("BAL-A054", hash, `what is in force cannot be read: ${cause}`, {
    hint: "apply files that this version reads first: ballast up",
  });
}

/** What the revision in force declares; where that cannot be read, everything that is here may be declared by it. */
export async function declaredIn(inForce: InForce, engine: Pick<Engine, "stacks">): Promise<Declared | undefined> {
  if (inForce.state === "none") return undefined;
  const { hash } = inForce;
  if (inForce.state === "readable") return { hash, stacks: new Set(inForce.revision.stacks.keys()) };
  return { hash, stacks: new Set((await engine.stacks()).filter((stack) => !stack.includes("~"))) };
}
