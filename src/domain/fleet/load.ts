import { inOrderOfPlace } from "../../kernel/in-order.ts";
import { type Checked, concluded, type Problem } from "../../kernel/problem.ts";
import { consistencyProblems } from "./consistency.ts";
import { type Declarations, declarationsOf, readDeclared } from "./declared.ts";
import type { LoadedFleet } from "./model.ts";
import { referenceProblems } from "./references.ts";
import { resolveFleet } from "./resolve.ts";
import { type FleetFile, readSources } from "./source.ts";
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
  const { documents, problems } = readSources(files);
  const declared = documents.flatMap((document) => readDeclared(document, problems) ?? []);
  const declarations = declarationsOf(declared, problems);
  problems.push(...fleetMissing(declarations, files, problems), ...referenceProblems(declarations));
  const trace: Trace = new Map();
  const fleet = resolveFleet(declarations, trace);
  const together = consistencyProblems(declarations, fleet, trace, today);
  problems.push(...(accepted ? together.map((one) => ({ ...one, severity: "warning" as const })) : together));
  const loaded: LoadedFleet = {
    fleet,
    addresses: [...trace.keys()].sort(),
    effectiveOf: (address) => trace.get(address)?.effective ?? [],
    sourceOf: (address, field) => trace.get(address)?.effective.find((one) => one.field === field)?.source,
    placeOf: (address) => trace.get(address)?.place ?? address,
  };
  return concluded(loaded, inOrderOfPlace(problems));
}

function fleetMissing({ Fleet }: Declarations, files: readonly FleetFile[], problems: readonly Problem[]): Problem[] {
  // Unreadable YAML may well hold the Fleet.
  if (Fleet.size > 0 || problems.some((one) => one.code === "BAL-F001" || one.code === "BAL-F004")) return [];
  const first = files.map((file) => file.path).sort()[0];
  const at = first === undefined ? "fleet.yaml:1:1" : `${first}:1:1`;
  const message = files.length === 0 ? "there is no fleet file" : "no document of kind Fleet";
  return [{ code: "BAL-F022", severity: "error", at, message, hint: "a fleet starts with kind: Fleet and metadata: { name: NAME }" }];
}
