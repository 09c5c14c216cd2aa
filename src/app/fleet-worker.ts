import { parentPort, workerData } from "node:worker_threads";
import { type LoadContext, loadFleet } from "../domain/fleet/load.ts";
import type { FleetFile } from "../domain/fleet/source.ts";
import type { ReadElsewhere } from "./read-apart.ts";

/** Reads one fleet in a thread of its own, and ends. */
const { files, context } = workerData as { readonly files: readonly FleetFile[]; readonly context: LoadContext };
const read = loadFleet(files, context);
const answer: ReadElsewhere = read.ok
  ? {
      ok: true,
      fleet: read.value.fleet,
      warnings: read.warnings,
      known: read.value.addresses.map((address) => {
        return [address, { place: read.value.placeOf(address), effective: read.value.effectiveOf(address) }] as const;
      }),
    }
  : read;
parentPort?.postMessage(answer);
