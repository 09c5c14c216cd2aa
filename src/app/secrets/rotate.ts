import type { Store } from "../../adapters/store/store.ts";
import type { StartOperation } from "../../api/contract/contract.ts";
import { failure } from "../../kernel/problem.ts";
import type { WorkflowStore } from "../../workflows/services.ts";
import type { Revision, Revisions } from "../revisions/revisions.ts";
import { countUp, hasCounted, rotationTargets } from "./rotation.ts";

export interface RotateParts {
  readonly fleet: string;
  readonly store: Pick<Store, "setting" | "admission" | "desired"> & Pick<WorkflowStore, "appendLedger">;
  readonly revisions: Pick<Revisions, "forget">;
  /** What the control plane keeps for itself and can recreate, by name. */
  readonly ownSecrets: Readonly<Record<string, () => Promise<void>>>;
  readonly now: () => number;
}

type Rotate = Extract<StartOperation, { verb: "rotate" }>;

/** What it asks for of the fleet; what the control plane keeps for itself is no part of that. */
function requestOf({ ownSecrets }: RotateParts, { stack, only, override }: Rotate): Parameters<typeof rotationTargets>[1] {
  return {
    ...(stack === undefined ? {} : { stack }),
    ...(only === undefined ? {} : { only: only.filter((name) => !(name in ownSecrets)) }),
    ...(override === undefined ? {} : { override }),
  };
}

/** Counts up what is to change, so that the apply which follows tells it to everything that runs; the ledger says who wanted it. */
export async function rotate(parts: RotateParts, request: Rotate, revision: Revision): Promise<void> {
  if (await hasCounted(parts.store, request.id)) return;
  const desired = requestOf(parts, request);
  const targets = await rotationTargets(revision, desired, parts.now());
  const own = Object.keys(parts.ownSecrets).filter((name) => request.only?.includes(name));
  const named = [...targets, ...own];
  const evidence = { operation: request.id, once: "rotate", rotated: named.length };
  const reasons = [...(request.override === undefined ? [] : [request.override.reason]), ...named];
  const entry = { actor: request.actor, act: "secrets.rotated", subject: request.stack ?? parts.fleet, reasons, evidence };
  await parts.store.appendLedger(entry, new Date(parts.now()));
  for (const name of own) await parts.ownSecrets[name]?.();
  // Last: killed before it, what the control plane keeps for itself is only recreated once more.
  await countUp(parts.store, request.id, targets);
  parts.revisions.forget();
}

/** Refuses a rotation that names what is not there, comes outside the window, or on a fleet that does not run: nobody there could be told. */
export async function admitRotation(parts: RotateParts, request: Rotate, inForce: Revision | undefined): Promise<void> {
  if (inForce === undefined || (await parts.store.desired()) === "stopped")
    throw failure("BAL-A004", parts.fleet, "nothing runs that could be told a new secret", { hint: "bring it up first: ballast up" });
  await rotationTargets(inForce, requestOf(parts, request), parts.now());
}
