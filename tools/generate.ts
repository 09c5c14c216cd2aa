/** Writes what follows from the schemas: `schema/fleet.schema.json` and `docs/reference.md`. With `--check` it only says whether they are up to date. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fleetJsonSchema } from "../src/domain/fleet/json-schema.ts";
import { fleetReference } from "../src/domain/fleet/reference.ts";
import { CODE_TABLES } from "./codes.ts";

const ROOT = join(import.meta.dirname, "..");
const FILES: Readonly<Record<string, () => string>> = {
  "schema/fleet.schema.json": () => `${JSON.stringify(fleetJsonSchema(), undefined, 2)}\n`,
  "docs/reference.md": () => fleetReference(CODE_TABLES.filter((table) => table.codes.length > 0)),
};

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const checking = process.argv.includes("--check");
for (const [file, generate] of Object.entries(FILES)) {
  const path = join(ROOT, file);
  const content = generate();
  if (contentOf(path) === content) continue;
  if (checking) {
    console.log(`${file} is out of date; run: node tools/generate.ts`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    console.log(`wrote ${file}`);
  }
}
