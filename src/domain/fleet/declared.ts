import type { z } from "zod";
import { suggestion } from "../../kernel/distance.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { FleetCode } from "./codes.ts";
import { problemsOf, shown } from "./issues.ts";
import { API_VERSION } from "./schema/document.ts";
import { KINDS, type Kind, SCHEMAS } from "./schema/kinds.ts";
import type { Path, SourceDocument } from "./source.ts";

type DocumentOf<K extends Kind> = z.output<(typeof SCHEMAS)[K]>;

/** A document whose kind and name are known. `content` is there only when the schema has nothing to object. */
export interface Declared<K extends Kind = Kind> {
  readonly kind: K;
  readonly name: string;
  readonly source: SourceDocument;
  readonly content: DocumentOf<K> | undefined;
}

/** Tells the kind of a document and holds its schema against it. Undefined when it is nothing that this version knows. */
export function readDeclared(source: SourceDocument, problems: Problem[]): Declared | undefined {
  const { apiVersion, kind, metadata } = source.value;
  const refuse = (code: FleetCode, path: Path, message: string) => {
    if (source.sound) problems.push({ code, severity: "error", at: source.placeOf(path), message });
  };
  if (apiVersion !== API_VERSION) {
    const what = apiVersion === undefined || apiVersion === null ? "apiVersion is missing" : `apiVersion ${shown(apiVersion)} is unknown`;
    refuse("BAL-F006", ["apiVersion"], `${what}; it must be ${API_VERSION}`);
  }
  if (!isKind(kind)) {
    const [code, message] = kindMistake(kind);
    refuse(code, ["kind"], message);
    return undefined;
  }
  const name = typeof metadata === "object" && metadata !== null ? (metadata as Record<string, unknown>)["name"] : undefined;
  const content = source.sound ? checkedContent(kind, source, problems) : undefined;
  return { kind, name: typeof name === "string" ? name : "", source, content };
}

function isKind(kind: unknown): kind is Kind {
  return KINDS.some((one) => one === kind);
}

function kindMistake(kind: unknown): [FleetCode, string] {
  const legal = `one of: ${KINDS.join(", ")}`;
  if (kind === undefined || kind === null) return ["BAL-F007", `kind is missing; ${legal}`];
  return ["BAL-F007", `kind ${shown(kind)} is unknown; ${legal}${suggestion(kind, KINDS)}`];
}

function checkedContent(kind: Kind, source: SourceDocument, problems: Problem[]): DocumentOf<Kind> | undefined {
  const schema: z.ZodType = SCHEMAS[kind];
  const checked = schema.safeParse(source.value);
  if (checked.success) return checked.data as DocumentOf<Kind>;
  // A wrong apiVersion has been said already, in better words.
  const issues = checked.error.issues.filter((issue) => issue.path[0] !== "apiVersion");
  problems.push(...problemsOf(issues, schema, source));
  return undefined;
}

/** All declarations of one kind, by name. Of a name that is declared twice the first one counts. */
export type Declarations = { readonly [K in Kind]: ReadonlyMap<string, Declared<K>> };

/** Files the declarations by kind and name; says which names are there twice, and whether there is exactly one Fleet. */
export function declarationsOf(all: readonly Declared[], problems: Problem[]): Declarations {
  const byKind = Object.fromEntries(KINDS.map((kind) => [kind, new Map<string, Declared>()])) as Record<Kind, Map<string, Declared>>;
  for (const one of all) {
    const { kind, name, source } = one;
    const first = kind === "Fleet" ? [...byKind.Fleet.values()][0] : byKind[kind].get(name);
    const at = source.placeOf(["metadata", "name"]);
    if (kind === "Fleet" && first !== undefined) {
      const message = `Fleet ${name} is one too many: ${first.name} at ${first.source.placeOf(["metadata", "name"])} is the Fleet`;
      problems.push({ code: "BAL-F023", severity: "error", at, message, hint: "a repository declares one Fleet" });
    } else if (first !== undefined && name !== "") {
      const message = `${kind} ${name} is declared twice; first at ${first.source.placeOf(["metadata", "name"])}`;
      problems.push({ code: "BAL-F024", severity: "error", at, message });
    } else if (name !== "" || kind === "Fleet") byKind[kind].set(name, one);
  }
  return byKind as unknown as Declarations;
}
