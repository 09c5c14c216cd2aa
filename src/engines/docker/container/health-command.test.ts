import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { livenessCommand } from "./health-command.ts";

test("a process is alive as long as its sign is at most twenty seconds old, and not without one", () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-alive-"));
  const sign = join(folder, "alive");
  const [shell, flag, script] = livenessCommand() as [string, string, string];
  const isAlive = () => spawnSync(shell, [flag, script.replace("/tmp/.ballast-alive", sign)]).status === 0;
  const aged = (seconds: number) => utimesSync(sign, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
  const seen = [isAlive()];
  writeFileSync(sign, "");
  for (const seconds of [0, 15, 25, 3600]) {
    aged(seconds);
    seen.push(isAlive());
  }
  rmSync(folder, { recursive: true });
  expect(seen).toEqual([false, true, true, false, false]);
});
