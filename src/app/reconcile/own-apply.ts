import type { Store } from "../../adapters/store/store.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { ApplyResult } from "../../workflows/apply/workflow.ts";
import { endUnlaunched } from "../operations/unlaunched.ts";
import type { Executor } from "../serve/executor.ts";

export interface OwnApplyParts {
  readonly store: Pick<Store, "admission" | "addOperation">;
  readonly executor: Pick<Executor, "apply">;
  readonly now: () => Instant;
}

/** Who acts where nobody asked. */
export const RECONCILER = { kind: "reconciler", name: "reconciler" } as const;

/**
 * Writes down an apply of the revision in force that nobody asked for. Returns how to carry it out and wait for its end; where its work cannot be started it
 * is ended, so that it stands in nobody's way.
 */
export async function beginOwnApply(
  { store, executor, now }: OwnApplyParts,
  { operation, revision }: { readonly operation: string; readonly revision: string },
): Promise<() => Promise<ApplyResult>> {
  const admitted = { id: operation, verb: "apply" };
  await store.addOperation({
    ...admitted,
    actor: RECONCILER.name,
    request: { revision, begunBy: "reconciler" },
    at: new Date(now()),
  });
  return async () => {
    const request = { operation, revision, actor: RECONCILER, wanted: "declared", closing: "keep-data" } as const;
    const ended = await executor.apply(request).catch(async (error: unknown) => {
      await endUnlaunched(store, admitted, { error, now: now() });
      throw error;
    });
    return await ended();
  };
}
