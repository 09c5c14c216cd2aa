import { randomBytes } from "node:crypto";
import type { Store } from "../../adapters/store/store.ts";
import type { Instant } from "../../kernel/instant.ts";
import { isOnlyLoss } from "../../workflows/converge/decide.ts";
import type { Attempts } from "../../workflows/reconcile/decide.ts";
import { decideReturn } from "../../workflows/reconcile/decide-return.ts";
import { type MachineRun, readMachineRun } from "../machine/machine-run.ts";
import type { Executor } from "../serve/executor.ts";
import { beginOwnApply, RECONCILER } from "./own-apply.ts";

export interface BringBackParts {
  readonly store: Pick<Store, "keptSetting" | "setSetting" | "admission" | "addOperation" | "appendLedger">;
  readonly executor: Pick<Executor, "apply">;
  readonly now: () => Instant;
}

const RUN = "machine-run";

/** Says that in this run of the machine the fleet is, or is being, brought to what is wanted. */
export async function rememberRun(store: Pick<Store, "setSetting">): Promise<void> {
  await store.setSetting(RUN, readMachineRun());
}

/** Begins to start again, after a restart of the machine or of its engine, what was meant to run. Returns how to wait for the end, where it did. */
export function createBringBack({ store, executor, now }: BringBackParts) {
  let attempts: Attempts = { failed: 0, lastAt: 0 };
  return async (wanted: {
    readonly revision: string;
    readonly desired: "running" | "stopped";
  }): Promise<(() => Promise<void>) | undefined> => {
    const present = readMachineRun();
    const kept = await store.keptSetting<MachineRun>(RUN, () => present);
    const decided = decideReturn({ desired: wanted.desired, kept, present, attempts }, now());
    if (decided.move === "remember") await store.setSetting(RUN, present);
    if (decided.move !== "bring-back") return undefined;
    const { revision } = wanted;
    const operation = `return-${now().toString(36)}-${randomBytes(3).toString("hex")}`;
    const entry = {
      actor: RECONCILER.name,
      act: "fleet.returns",
      subject: operation,
      reasons: [decided.because],
      evidence: { ...present },
    };
    await store.appendLedger(entry, new Date(now()));
    const carryOut = await beginOwnApply({ store, executor, now }, { operation, revision });
    return async () => {
      let helped = false;
      try {
        const { state, problems } = await carryOut();
        helped = state === "done" || state === "held" || isOnlyLoss(problems);
      } finally {
        attempts = { failed: helped ? 0 : attempts.failed + 1, lastAt: now() };
      }
      if (helped) await store.setSetting(RUN, present);
    };
  };
}
