import { inOrderOfPlace } from "../../kernel/in-order.ts";
import { type Checked, concluded, type Problem } from "../../kernel/problem.ts";
import { consistencyProblems } from "./consistency.ts";
import { type Declarations, declarationsOf, readDeclared } from "./declared.ts";
import type { Effective, Fleet, LoadedFleet } from "./model.ts";
import { referenceProblems } from "./references.ts";
import { resolveFleet } from "./resolve.ts";
import { type FleetFile, readSources } from "./source.ts";
import { listed } from "./text-limits.ts";
import type { Trace } from "./trace.ts";

/** What a fleet is read against, besides its own text. */
export interface LoadContext {
  /** The current date, `YYYY-MM-DD`. */
  readonly today: string;
  /** True of files that were accepted before and are in force: a rule between documents that came later is told of them, and does not make them unreadable. */
  readonly accepted?: boolean;
}

/**
 * Reads a fleet from any number of files and says everything that is wrong with it at once, in the order of the places.
 * Neither the order of the files nor that of the documents in them changes the result.
 */
export function loadFleet(files: readonly FleetFile[], { today, accepted = false }: LoadContext): Checked<LoadedFleet> {
  const { documents, problems } = readSources(files, accepted);
  const declared = documents.flatMap((document) => readDeclared(document, problems) ?? []);
  const declarations = declarationsOf(declared, problems);
  for (const one of [...fleetMissing(declarations, files, problems), ...referenceProblems(declarations)]) problems.push(one);
  const trace: Trace = new Map();
  const fleet = resolveFleet(declarations, trace);
  const together = consistencyProblems(declarations, fleet, trace, today);
  for (const one of together) problems.push(accepted ? { ...one, severity: "warning" } : one);
  return concluded(loadedFrom(fleet, trace), listed(inOrderOfPlace(problems)));
}

/** What is known of one address: where it is declared, and what is in force there. Plain data. */
export interface KnownAddress {
  readonly place: string;
  readonly effective: readonly Effective[];
}

/** A fleet that was read, from plain data: it may have been read elsewhere. */
export function loadedFrom(fleet: Fleet, known: ReadonlyMap<string, KnownAddress>): LoadedFleet {
  return {
    fleet,
    addresses: [...known.keys()].sort(),
    effectiveOf: (address) => known.get(address)?.effective ?? [],
    sourceOf: (address, field) => known.get(address)?.effective.find((one) => one.field === field)?.source,
    placeOf: (address) => known.get(address)?.place ?? address,
  };
}

/** What was not read, for one of these reasons, may well hold the Fleet. */
const UNREAD: ReadonlySet<string> = new Set(["BAL-F001", "BAL-F004", "BAL-F082", "BAL-F083"]);

function fleetMissing({ Fleet }: Declarations, files: readonly FleetFile[], problems: readonly Problem[]): Problem[] {
  if (Fleet.size > 0 || problems.some((one) => UNREAD.has(one.code))) return [];
  const first = files.map((file) => file.path).sort()[0];
  const at = first === undefined ? "fleet.yaml:1:1" : `${first}:1:1`;
  const message = files.length === 0 ? "there is no fleet file" : "no document of kind Fleet";
  return [{ code: "BAL-F022", severity: "error", at, message, hint: "a fleet starts with kind: Fleet and metadata: { name: NAME }" }];
}
