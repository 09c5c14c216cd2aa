import { loadFleet } from "../../domain/fleet/load.ts";
import type { ReadElsewhere, ReadRequest } from "./read-apart.ts";

/** Reads one fleet in a process of its own, and ends. */
process.once("message", (request) => {
  const { files, context } = request as ReadRequest;
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
  process.send?.(answer, () => process.disconnect());
});
