import { Composer, type Document, type LineCounter, Parser } from "yaml";

const OPTIONS = { prettyErrors: false, uniqueKeys: false, logLevel: "error", version: "1.2" } as const;
/** After a first mistake the parser stumbles on, and finds one in each line that follows. */
const MOST_STUMBLES = 100;

/**
 * The documents of a text, as they are parsed. Where the parser only stumbles, it is stopped: a million lines that mean nothing take no longer than a
 * hundred. Depth must be bounded before.
 */
export function* yamlDocuments(text: string, lineCounter: LineCounter): Generator<Document> {
  const composer = new Composer({ ...OPTIONS, lineCounter });
  let stumbles = 0;
  for (const token of new Parser(lineCounter.addNewLine).parse(text)) {
    if (token.type === "error" && ++stumbles > MOST_STUMBLES) break;
    yield* composer.next(token);
  }
  yield* composer.end();
}
