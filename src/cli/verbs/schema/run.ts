import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

/** The schema is the answer in either form; `--json` wraps it as it wraps every answer. */
export async function schema({ words }: Invocation): Promise<Outcome<"schema">> {
  const document = await documentOf(words[0] ?? "fleet");
  return { exit: EXIT.done, text: JSON.stringify(document, undefined, 2), data: { document } };
}

async function documentOf(which: string): Promise<Record<string, unknown>> {
  switch (which) {
    case "fleet":
      return { ...(await import("../../../domain/fleet/json-schema.ts")).fleetJsonSchema() };
    case "answers":
      return (await import("../../terminal/json.ts")).answersJsonSchema();
    default:
      throw failure("BAL-C001", "schema", `"${which}" is not a schema; one of: fleet, answers`);
  }
}
