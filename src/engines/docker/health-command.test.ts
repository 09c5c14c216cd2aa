import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { KNOWN_SERIES } from "../../domain/odoo/known-series.ts";
import { probesOf } from "../../domain/odoo/probes.ts";
import { healthCommand } from "./health-command.ts";

test("the check of every series is a program that Python understands, and asks the question of its series", () => {
  const asked = KNOWN_SERIES.map((series) => {
    const [, , script = ""] = healthCommand(probesOf(series).alive, 8069);
    execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.argv[1])", script]);
    return /u[.]Request\((.*)\), timeout=8\)$/.exec(script)?.[1];
  });
  const health = '"http://127.0.0.1:8069/web/health"';
  const version = `"http://127.0.0.1:8069/web/webclient/version_info", data=b'{}', headers={"Content-Type": "application/json"}`;
  expect(asked).toEqual([version, health, health, health, health, health]);
});
