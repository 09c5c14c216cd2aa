import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, visit } from "yaml";
import { NEVER_WRITTEN } from "../../kernel/foreign-text.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { FleetCode } from "./codes.ts";
import { controlIn, controlProblems, MOST_FOUND, tooLarge, wholeTooLarge } from "./text-limits.ts";
import { yamlDocuments } from "./yaml-documents.ts";

export interface FleetFile {
  readonly path: string;
  readonly text: string;
}

export type Path = readonly PropertyKey[];

/** One YAML document as plain data, that still knows where each value was written. */
export interface SourceDocument {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** False when the YAML itself was at fault: then only name and kind are of use. */
  readonly sound: boolean;
  /** `file:line:column` of a value, or of its key. Of something missing: of the nearest thing around it. */
  placeOf(path: Path, part?: "key" | "value"): string;
}

const MAX_DEPTH = 64;
const MAX_ITEMS = 1000;

/**
 * Reads all documents of all files, and says everything that is wrong with the YAML as such. Order of the files does not matter.
 * @param accepted is in force already: limits that came later do not make it unreadable.
 */
export function readSources(files: readonly FleetFile[], accepted = false): { documents: SourceDocument[]; problems: Problem[] } {
  const documents: SourceDocument[] = [];
  const problems: Problem[] = [];
  const whole = accepted ? undefined : wholeTooLarge(files);
  if (whole !== undefined) return { documents, problems: [whole] };
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    if (problems.length >= MOST_FOUND.all) break;
    if (accepted || isReadable(file, problems)) readFile(file, documents, problems);
  }
  return { documents, problems };
}

/** Whether a file may be handed to the parser at all. */
function isReadable({ path, text }: FleetFile, problems: Problem[]): boolean {
  const at = (offset: number): string => {
    const before = text.slice(0, offset).split("\n");
    return `${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  };
  const large = tooLarge(text, at);
  const found = large === undefined ? controlProblems(text, at) : [large];
  problems.push(...found);
  return found.length === 0;
}

const ODD_IN_PATH = new RegExp(String.raw`[\\\p{Cc}${NEVER_WRITTEN}]`, "u");

/** Whether a path stays below the folder of the fleet, written as it would be there. */
function isBelow(path: string): boolean {
  return path !== "" && !ODD_IN_PATH.test(path) && path.split("/").every((part) => !["", ".", ".."].includes(part));
}

function readFile(file: FleetFile, documents: SourceDocument[], problems: Problem[]): void {
  if (!isBelow(file.path)) {
    const message = `the path ${JSON.stringify(file.path)} leads out of the fleet's folder, or is not written plainly`;
    problems.push(problem("BAL-F058", `${file.path}:1:1`, message, "name files from the fleet's folder on, such as tenants/acme.yaml"));
    return;
  }
  const tooDeep = () => {
    const message = `the file is nested more than ${MAX_DEPTH} levels deep`;
    problems.push(problem("BAL-F004", `${file.path}:1:1`, message, "split the fleet into several files"));
  };
  if (nestsTooDeeply(file.text)) return tooDeep();
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file.path}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  try {
    for (const document of yamlDocuments(file.text, lines)) {
      readDocument(document, { file: file.path, place, documents, problems });
      if (problems.length >= MOST_FOUND.all) return;
    }
  } catch (error) {
    // The parser recurses; where the check before it was deceived, the stack ends.
    if (!(error instanceof RangeError)) throw error;
    tooDeep();
  }
}

interface Reading {
  readonly file: string;
  readonly place: (offset: number) => string;
  readonly documents: SourceDocument[];
  readonly problems: Problem[];
}

function readDocument(document: Document, { file, place, documents, problems }: Reading): void {
  const found = [...syntaxProblems(document, place), ...foreignProblems(document, place), ...collectionProblems(document, place)];
  problems.push(...found.slice(0, MOST_FOUND.document));
  if (isEmpty(document.contents) && found.length === 0) return;
  const plain = plainMapping(document, place);
  if ("problem" in plain) {
    if (found.length === 0) problems.push(plain.problem);
    return;
  }
  documents.push({
    file,
    value: plain.value,
    sound: found.length === 0,
    placeOf: (path, part = "value") => place(offsetOf(document, path, part)),
  });
}

function problem(code: FleetCode, at: string, message: string, hint?: string): Problem {
  return { code, severity: "error", at, message, ...(hint === undefined ? {} : { hint }) };
}

/** The parser recurses, so depth is bounded before it: by open brackets, and by how often a line starts a new block within itself. */
function nestsTooDeeply(text: string): boolean {
  let open = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith("---")) open = 0;
    if (/^\s*#/.test(line)) continue;
    if (indentsTooDeeply(line)) return true;
    for (const bracket of line.match(/[[\]{}]/g) ?? []) {
      open = bracket === "[" || bracket === "{" ? open + 1 : Math.max(0, open - 1);
      if (open > MAX_DEPTH) return true;
    }
  }
  return false;
}

function indentsTooDeeply(line: string): boolean {
  const lead = /^(?:[ ]*(?:[-?:][ \t]+)?)*/.exec(line.slice(0, 400))?.[0] ?? "";
  return lead.replace(/\s+/g, "  ").length > 3 * MAX_DEPTH || line.startsWith(" ".repeat(4 * MAX_DEPTH));
}

/** Between two `---` may be nothing. */
function isEmpty(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && (contents.source ?? "") === "");
}

/** The parser stumbles on after a mistake, so of one line only the first is told. */
function syntaxProblems(document: Document, place: (offset: number) => string): Problem[] {
  const lines = new Set<string>();
  return document.errors.flatMap((error) => {
    const at = place(error.pos[0]);
    const line = at.slice(0, at.lastIndexOf(":"));
    if (lines.has(line)) return [];
    lines.add(line);
    const hint = error.code === "TAB_AS_INDENT" ? "indent with spaces" : undefined;
    return [problem("BAL-F001", at, `not YAML: ${error.message.split("\n")[0] ?? error.code}`, hint)];
  });
}

/** Keys that are there twice, and collections too large to be meant. The parser would compare every key with every other. */
function collectionProblems(document: Document, place: (offset: number) => string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Collection: (_key, node) => {
      if (node.items.length <= MAX_ITEMS) return;
      const message = `${isSeq(node) ? "a list" : "a mapping"} has ${node.items.length} items; at most ${MAX_ITEMS} are read`;
      problems.push(problem("BAL-F004", place(node.range?.[0] ?? 0), message));
    },
    Map: (_key, node) => {
      const keys = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) {
          problems.push(
            problem("BAL-F002", place(key.range?.[0] ?? 0), `${String(key.value)} is written twice in one mapping`, "keep one of the two"),
          );
        }
        keys.add(key.value);
      }
    },
  });
  return problems;
}

/** Every value has one place and one meaning: what would be written elsewhere, or read by other rules, is refused. */
function foreignProblems(document: Document, place: (offset: number) => string): Problem[] {
  const problems: Problem[] = document.warnings.map((warning) => problem("BAL-F003", place(warning.pos[0]), warning.message));
  const hint = "write the value out; what many share belongs in a pool, a tier or a calendar";
  if (document.directives?.yaml.explicit)
    problems.push(problem("BAL-F003", place(document.range?.[0] ?? 0), "a %YAML directive is not used"));
  visit(document, (_key, node) => {
    if (!isNode(node)) return;
    const at = () => place(node.range?.[0] ?? 0);
    const hidden = isScalar(node) && typeof node.value === "string" ? controlIn(node.value, at) : undefined;
    if (hidden !== undefined) problems.push(hidden);
    if (isAlias(node)) problems.push(problem("BAL-F003", at(), `alias *${node.source} is not used`, hint));
    else if (node.anchor !== undefined) problems.push(problem("BAL-F003", at(), `anchor &${node.anchor} is not used`, hint));
  });
  return problems;
}

type Plain = { readonly value: Readonly<Record<string, unknown>> } | { readonly problem: Problem };

function plainMapping(document: Document, place: (offset: number) => string): Plain {
  const { contents } = document;
  if (!isMap(contents)) {
    const at = place((contents as Node | null)?.range?.[0] ?? document.range?.[0] ?? 0);
    return { problem: problem("BAL-F005", at, "a document must be a mapping that starts with apiVersion and kind") };
  }
  let strange: Node | undefined;
  let aliased = false;
  visit(document, {
    Alias: () => {
      aliased = true;
    },
    Pair: (_key, pair) => {
      if (!isScalar(pair.key) || typeof pair.key.value !== "string") strange ??= isNode(pair.key) ? pair.key : contents;
    },
  });
  if (strange !== undefined) return { problem: problem("BAL-F005", place(strange.range?.[0] ?? 0), "a key must be a plain word") };
  return { value: aliased ? {} : (document.toJS() as Record<string, unknown>) };
}

function offsetOf(document: Document, path: Path, part: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node, 0);
  for (const [index, segment] of path.entries()) {
    const last = index === path.length - 1;
    if (isSeq(node)) {
      node = node.items[Number(segment)];
      offset = startOf(node, offset);
      continue;
    }
    const pair = isMap(node) ? node.items.find((one) => isScalar(one.key) && one.key.value === segment) : undefined;
    if (pair === undefined) return offset;
    // A block mapping starts at its first key, so a missing field is shown at the key of the mapping that lacks it.
    offset = startOf(pair.key, offset);
    node = pair.value;
    if (last && part === "value" && !isBlank(node)) offset = startOf(node, offset);
  }
  return offset;
}

function startOf(node: unknown, otherwise: number): number {
  return isNode(node) ? (node.range?.[0] ?? otherwise) : otherwise;
}

function isBlank(node: unknown): boolean {
  return !isNode(node) || (isScalar(node) && node.source === "");
}
