import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { DAMAGES, type Damage, damage } from "../../../test/support/damage.ts";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { startKeeping } from "../../app/serve/kept-files.ts";

const HELLO = join(import.meta.dirname, "..", "..", "..", "examples", "hello");
const NAMES = ["server.json", "api.token"] as const;
let line: CommandLine;
const written = new Map<string, string>();
const keep = (path: string) => replaceFileNow(path, written.get(path) as string, { mode: 0o600 });

beforeAll(async () => {
  line = await commandLine();
  for (const path of NAMES.map((name) => join(line.home, "hello", name))) written.set(path, readFileSync(path, "utf8"));
  await line.run(["apply", HELLO]);
});
afterAll(async () => {
  await line.close();
});

/** What a command says and how it ends, with a file of the installation spoilt before it. */
async function after(how: Damage, name: (typeof NAMES)[number], words: readonly string[]) {
  const path = join(line.home, "hello", name);
  keep(path);
  damage(path, how);
  const ran = await line.run(words);
  return { exit: ran.exit, said: ran.out + ran.err };
}

const table = DAMAGES.flatMap((how) => NAMES.map((name) => [name, how] as const));

describe("beside a control plane that keeps its files", () => {
  let keeping: { stop(): void };
  // Where an address is gone, its own PostgreSQL tells that a control plane runs.
  const trace = () => join(line.home, "hello", "postgres", "data");
  beforeAll(() => {
    mkdirSync(trace(), { recursive: true });
    for (const path of [join(trace(), "postmaster.pid"), join(line.home, "hello", "instance")]) writeFileSync(path, "0a1b2c3d\n");
    keeping = startKeeping(
      [...written.keys()].map((path) => ({ path, keep: () => keep(path) })),
      () => undefined,
    );
  });
  afterAll(() => {
    keeping.stop();
    rmSync(trace(), { recursive: true });
  });

  test.each(table)("%s that is %s is waited for: apply, status and plan go on", async (name, how) => {
    for (const words of [["apply", HELLO], ["status"], ["plan", HELLO]]) {
      expect([words[0], (await after(how, name, words)).exit]).toEqual([words[0], 0]);
    }
  });
});

describe("beside one that does not", () => {
  const words: Readonly<Record<Damage, string>> = {
    deleted: "no control plane runs for this fleet",
    empty: "is empty",
    truncated: "is not the address of a control plane",
    garbage: "holds bytes that are no text",
    folder: "is a folder",
  };
  test.each(DAMAGES)("an address that is %s is named, and nothing is changed", async (how) => {
    for (const command of [
      ["apply", HELLO],
      ["status", "--fleet", "hello"],
    ]) {
      const { exit, said } = await after(how, "server.json", command);
      expect([command[0], exit, said]).toEqual([command[0], 4, expect.stringContaining(words[how])]);
      expect(said).toMatch(how === "deleted" ? /BAL-C007/ : /BAL-S035/);
      expect(said).toContain("ballast up");
    }
  });
});
