import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchIngressFiles } from "./watch-ingress-files.ts";

let folder: string;
const stopping = new AbortController();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ingress-files-"));
});
afterEach(() => {
  stopping.abort();
  rmSync(folder, { recursive: true, force: true });
});

test("a route that is written, or deleted by somebody, is told; what is about to be written is not", async () => {
  let calls = 0;
  const told = async () => {
    await vi.waitFor(() => expect(calls).toBeGreaterThan(0), 10_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    calls = 0;
  };
  await watchIngressFiles({ paths: { state: folder } as never }, () => (calls += 1), stopping.signal);
  const route = join(folder, "ingress", "acme-production-route.yaml");
  writeFileSync(`${route}.making-1`, "{}");
  writeFileSync(route, "{}");
  await told();
  rmSync(route);
  await told();
  writeFileSync(`${route}.making-2`, "{}");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(calls).toBe(0);
});

test("where the folder cannot be made, nothing is told and nothing fails", async () => {
  writeFileSync(join(folder, "ingress"), "a file");
  await expect(watchIngressFiles({ paths: { state: folder } as never }, () => undefined, stopping.signal)).resolves.toBeUndefined();
});
