/** Writes what follows from the schemas: `schema/fleet.schema.json` and `docs/reference.md`. With `--check` it only says whether they are up to date. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FLEET_CODES } from "../src/domain/fleet/codes.ts";
import { fleetJsonSchema } from "../src/domain/fleet/json-schema.ts";
import { fleetReference } from "../src/domain/fleet/reference.ts";

const ROOT = join(import.meta.dirname, "..");
const FILES: Readonly<Record<string, () => string>> = {
  "schema/fleet.schema.json": () => `${JSON.stringify(fleetJsonSchema(), undefined, 2)}\n`,
  "docs/reference.md": () => fleetReference([{ title: "The fleet language", codes: FLEET_CODES }]),
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
