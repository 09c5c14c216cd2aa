import { rmSync } from "node:fs";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import type { Store } from "../../adapters/store/store.ts";
import type { Installation } from "./installation.ts";

type Files = Pick<Installation, "serverFile" | "stoppedFile">;

interface Ending {
  readonly store: Pick<Store, "stopInForce" | "operation">;
  /** The zone in which times are shown. */
  readonly zone: () => Promise<string | undefined>;
  /** Told why it could say nothing of a stop. */
  readonly fault: (error: unknown) => void;
}

/** A control plane that begins to serve answers for its fleet itself: what an earlier one left is over. */
export function forgetStop({ stoppedFile }: Files): void {
  rmSync(stoppedFile, { force: true, recursive: true });
}

/**
 * The last word of a control plane that ends by itself. Where its fleet is stopped it says so, and since when; only then does it leave no address: one that
 * is killed in between left its address, and is told as one that was killed.
 */
export async function leaveWord({ serverFile, stoppedFile }: Files, { store, zone, fault }: Ending): Promise<void> {
  try {
    const stop = await store.stopInForce();
    if (stop !== undefined) {
      const operation = stop.operation === undefined ? undefined : await store.operation(stop.operation);
      const since = (operation?.finishedAt ?? operation?.createdAt)?.toISOString();
      const note = { operation: stop.operation, since, zone: await zone() };
      replaceFileNow(stoppedFile, `${JSON.stringify(note)}\n`, { mode: 0o644 });
    }
  } catch (error) {
    fault(error);
  } finally {
    rmSync(serverFile, { force: true, recursive: true });
  }
}
