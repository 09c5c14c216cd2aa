import type { z } from "zod";

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

function definitionOf(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The schema of what was written: without optionality, before any conversion. */
export function bare(schema: z.ZodType): z.ZodType {
  const definition = definitionOf(schema);
  const inner = definition.type === "optional" ? definition.innerType : definition.type === "pipe" ? definition.in : undefined;
  return inner === undefined ? schema : bare(inner);
}

export function isOptional(schema: z.ZodType): boolean {
  return definitionOf(schema).type === "optional";
}

/** The fields of a mapping; undefined of anything else. */
export function fieldsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  return definitionOf(bare(schema)).shape;
}

/** The schema of a list's items; undefined of anything else. */
export function itemOf(schema: z.ZodType): z.ZodType | undefined {
  return definitionOf(bare(schema)).element;
}

/** The schema at a path, as it was declared; undefined where the language has nothing. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = schema;
  for (const segment of path) {
    if (at === undefined) return undefined;
    at = typeof segment === "number" ? itemOf(at) : fieldsOf(at)?.[String(segment)];
  }
  return at;
}
