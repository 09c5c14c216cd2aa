import { z } from "zod";
import { KINDS, SCHEMAS } from "./schema/kinds.ts";

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The fleet language as JSON Schema (draft 2020-12), one alternative a kind: what editors complete and check against. */
export function fleetJsonSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://ballast.dev/schema/v1alpha1/fleet.schema.json",
    title: "Ballast fleet",
    description: "One document of a fleet.",
    type: "object",
    required: ["apiVersion", "kind", "metadata"],
    oneOf: KINDS.map((kind) => ({ title: kind, ...kindJsonSchema(kind) })),
  };
}

function kindJsonSchema(kind: (typeof KINDS)[number]): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(SCHEMAS[kind], { io: "input", target: "draft-2020-12" });
  return schema;
}
