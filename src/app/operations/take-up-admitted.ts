import type { OperationWork } from "../../adapters/store/operations.ts";
import type { Store } from "../../adapters/store/store.ts";
import type { ControlPlaneParts } from "../serve/control-plane-parts.ts";
import { endAbandoned } from "./abandoned.ts";
import { type Launched, launch } from "./launch.ts";
import { endUnlaunched } from "./unlaunched.ts";

/**
 * Takes up what was admitted and never begun, since the process before this one was killed between the two: what it set is in force, so its work is done.
 * To be called before anything new is accepted.
 */
export async function takeUpAdmitted(parts: ControlPlaneParts & { readonly store: Pick<Store, "work"> }): Promise<void> {
  const { store, executor } = parts;
  for (const operation of (await store.work()).filter((one) => one.running && one.parent === undefined)) {
    if ((await executor.standing(operation.id)) !== undefined) continue;
    const { asked, revision } = operation.request;
    await begin(parts, operation, { asked: asked as Launched | undefined, revision }).catch((error: unknown) =>
      endUnlaunched(store, operation, { error, now: parts.now() }),
    );
  }
  await endAbandoned(parts, parts.now());
}

async function begin(
  parts: ControlPlaneParts,
  operation: OperationWork,
  { asked, revision }: { asked: Launched | undefined; revision: unknown },
): Promise<void> {
  if (asked?.id !== operation.id) throw new Error("the control plane ended first");
  await launch(parts, asked, typeof revision === "string" ? revision : "");
}
