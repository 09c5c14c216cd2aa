import { DBOS } from "@dbos-inc/dbos-sdk";
import { ENDED_BADLY } from "../../adapters/store/workflow-ends.ts";

/** What the workflow engine knows of an operation. */
export type Standing =
  | { readonly state: "running" }
  | { readonly state: "ended"; readonly output: unknown }
  | { readonly state: "broken"; readonly because: string };

const BADLY: ReadonlySet<string> = new Set(ENDED_BADLY);

function wordsOf({ status, error }: { readonly status: string; readonly error?: unknown }): string {
  if (status === "ERROR") return error instanceof Error ? error.message : String(error);
  return status === "CANCELLED" ? "it was cancelled" : "it was taken up too often";
}

/** Asks the workflow engine how the work on an operation stands; undefined where none was ever begun. */
export async function standingOf(operation: string): Promise<Standing | undefined> {
  const known = await DBOS.getWorkflowStatus(operation);
  if (known === null) return undefined;
  if (known.status === "SUCCESS") return { state: "ended", output: known.output };
  if (BADLY.has(known.status)) return { state: "broken", because: wordsOf(known) };
  return { state: "running" };
}
