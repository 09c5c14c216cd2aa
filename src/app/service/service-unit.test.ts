import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serviceUnit, type UnitRequest, unitName } from "./service-unit.ts";

const ROOT = "/var/lib/ballast/hello";
const HELLO: UnitRequest = {
  fleet: "hello",
  node: process.execPath,
  main: "/opt/ballast/src/cli/main.ts",
  packageRoot: "/",
  root: ROOT,
  logFile: `${ROOT}/server.log`,
  settingsFile: `${ROOT}/service.env`,
  environment: {},
};

/** `[Section]` → its assignments, in their order. */
function sections(unit: string): Readonly<Record<string, readonly string[]>> {
  const parts = unit.split(/^\[(\w+)\]$/m).slice(1);
  const found: Record<string, readonly string[]> = {};
  for (let at = 0; at < parts.length; at += 2) found[parts[at] as string] = (parts[at + 1] ?? "").trim().split("\n");
  return found;
}

test("a unit starts the control plane of its fleet, after Docker, again when it fails, and with the machine", () => {
  expect(sections(serviceUnit(HELLO))).toEqual({
    Unit: [
      "Description=Ballast control plane of the fleet hello",
      "Wants=docker.service",
      "After=docker.service",
      `RequiresMountsFor=${ROOT}`,
      "StartLimitIntervalSec=600",
      "StartLimitBurst=5",
    ],
    Service: [
      "Type=exec",
      `ExecStart=${process.execPath} --max-semi-space-size=4 --expose-gc /opt/ballast/src/cli/main.ts server --fleet-name hello --wait 30`,
      "WorkingDirectory=/",
      `EnvironmentFile=-${ROOT}/service.env`,
      `StandardOutput=append:${ROOT}/server.log`,
      "StandardError=inherit",
      "Restart=on-failure",
      "RestartSec=5",
      "KillMode=mixed",
      "TimeoutStopSec=60",
      "NoNewPrivileges=yes",
      "ProtectSystem=yes",
      "ProtectControlGroups=yes",
      "ProtectKernelLogs=yes",
      "ProtectKernelModules=yes",
      "RestrictRealtime=yes",
      "LockPersonality=yes",
    ],
    Install: ["WantedBy=multi-user.target"],
  });
});

test("what means something to systemd stands for itself in a path", () => {
  const { Service = [] } = sections(
    serviceUnit({ ...HELLO, main: '/opt/a $b%c "d"/main.ts', environment: { BALLAST_STATE_HOME: "/srv/50% of $all" } }),
  );
  expect(Service.filter((line) => /^(ExecStart|Environment)=/.test(line))).toEqual([
    `ExecStart=${process.execPath} --max-semi-space-size=4 --expose-gc "/opt/a $$b%%c \\"d\\"/main.ts" server --fleet-name hello --wait 30`,
    'Environment="BALLAST_STATE_HOME=/srv/50%% of $all"',
  ]);
});

const verifier = spawnSync("systemd-analyze", ["--version"]).status === 0;

test.skipIf(!verifier)("systemd finds nothing to say against a unit", () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-unit-"));
  try {
    const [file, docker] = [join(folder, unitName("hello")), join(folder, "docker.service")];
    writeFileSync(file, serviceUnit({ ...HELLO, environment: { BALLAST_STATE_HOME: "/srv/50% of $all" } }));
    // A machine that has no Docker yet has no unit of that name either.
    writeFileSync(docker, "[Service]\nExecStart=/bin/true\n");
    const verified = spawnSync("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", file], { encoding: "utf8" });
    expect([verified.status, `${verified.stdout}${verified.stderr}`.split("\n").filter((line) => line.includes("ballast"))]).toEqual([
      0,
      [],
    ]);
    writeFileSync(file, serviceUnit(HELLO).replace("Restart=on-failure", "Restart=whenever"));
    const wrong = spawnSync("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", file], { encoding: "utf8" });
    expect(`${wrong.stdout}${wrong.stderr}`).toContain("whenever");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
