import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Files of the sources, without tests, that match a pattern. */
function holding(pattern: RegExp): readonly string[] {
  const files = globSync("src/**/*.ts", { cwd: ROOT }).filter((file) => !/[.](test|contract)[.]ts$/.test(file));
  expect(files.length).toBeGreaterThan(300);
  return files.filter((file) => pattern.test(readFileSync(join(ROOT, file), "utf8"))).sort();
}

test("bodies of others are read by what bounds them in bytes and time, and nowhere else", () => {
  expect(holding(/\bfetch\(/)).toEqual(["src/adapters/http/bounded-fetch.ts"]);
  // The command line reads what the control plane of the same machine answers.
  expect(holding(/from "node:https?"/)).toEqual([
    "src/adapters/http/through.ts",
    "src/api/connections.ts",
    "src/api/streams.ts",
    "src/cli/server/http-answer.ts",
  ]);
  expect(holding(/createInterface|[.]arrayBuffer\(|[.]text\(\)/)).toEqual([]);
});

test("logs of containers are read as a stream that is bounded, and nowhere else", () => {
  expect(holding(/(container|getContainer\(.*\))[.]logs\(/)).toEqual([]);
  expect(holding(/\/logs\?/)).toEqual(["src/cli/server/client.ts", "src/engines/docker/container/log-stream.ts"]);
});

test("YAML is parsed behind the limits, and nowhere else", () => {
  expect(holding(/parseAllDocuments|parseDocument|\bparse\b.* from "yaml"/)).toEqual([]);
});

test("what goes to jsonb passes the border of the store", () => {
  const adapters = holding(/JSON[.]stringify\(.*\) as never/).filter((file) => file.startsWith("src/adapters/store/"));
  // The mark of the key is made of hexadecimal digits.
  expect(adapters).toEqual(["src/adapters/store/secrets.ts"]);
});
