import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectionLimits } from "../../api/connections.ts";
import { openFiles } from "./open-files.ts";

function limitsSaying(words: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "ballast-limits-")), "limits");
  writeFileSync(file, `Limit                     Soft Limit           Hard Limit           Units\n${words}\n`);
  return file;
}

test("the number of files that may be open is what the kernel says, else the usual one", () => {
  expect(openFiles(limitsSaying("Max open files            4096                 524288               files"))).toBe(4096);
  expect(openFiles(limitsSaying("Max open files            unlimited            unlimited            files"))).toBe(
    Number.MAX_SAFE_INTEGER,
  );
  expect([openFiles(limitsSaying("Max processes  1  1  processes")), openFiles("/nowhere")]).toEqual([1024, 1024]);
});

test("connections to the API never use up the files that the reconciler needs", () => {
  expect(connectionLimits(1024)).toEqual({ all: 128, strangers: 32, streams: 32 });
  expect(connectionLimits(Number.MAX_SAFE_INTEGER)).toEqual({ all: 512, strangers: 128, streams: 32 });
  for (const open of [256, 1024, 4096, 1_048_576]) expect(connectionLimits(open).all).toBeLessThanOrEqual(open / 8);
});
