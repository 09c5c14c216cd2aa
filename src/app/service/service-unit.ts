import { serverArguments } from "../serve/server-command.ts";

export interface UnitRequest {
  readonly fleet: string;
  /** Absolute paths: systemd has no search path of ours. */
  readonly node: string;
  readonly main: string;
  readonly packageRoot: string;
  /** The installation's folder. */
  readonly root: string;
  readonly logFile: string;
  /** Settings that must not stand in a unit, which everybody can read; the file need not be there. */
  readonly settingsFile: string;
  /** Folders and files that this installation was told to use. Never a secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Where systemd looks for the units of this machine's administrator. */
export const UNIT_FOLDER = "/etc/systemd/system";

export function unitName(fleet: string): string {
  return `ballast-${fleet}.service`;
}

/**
 * The systemd unit of one fleet's control plane. Pure.
 * It starts the control plane and nothing else: that brings back what is meant to run, and nothing after `down`.
 * The hardening stops where the work begins: it makes images (mounts, set-uid files, device nodes in their file systems), makes its own
 * system user, and hands files to the containers' user.
 */
export function serviceUnit(desired: UnitRequest): string {
  // Only in a command line does `$` begin a variable.
  const command = [desired.node, ...serverArguments(desired.main, desired.fleet)]
    .map((word) => quoted(word.replaceAll("$", "$$$$")))
    .join(" ");
  return `[Unit]
Description=Ballast control plane of the fleet ${desired.fleet}
Wants=docker.service
After=docker.service
RequiresMountsFor=${quoted(desired.root)}
StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
Type=exec
ExecStart=${command}
WorkingDirectory=${path(desired.packageRoot)}
${Object.entries(desired.environment)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`)
  .join("")}EnvironmentFile=-${path(desired.settingsFile)}
StandardOutput=append:${path(desired.logFile)}
StandardError=inherit
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=60
NoNewPrivileges=yes
ProtectSystem=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
RestrictRealtime=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`;
}

/** `%` begins a specifier everywhere in a unit. */
function path(text: string): string {
  return text.replaceAll("%", "%%");
}

/** One word of a command line or one assignment, as systemd.syntax(7) quotes it. */
function quoted(text: string): string {
  const escaped = path(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return /^[\w@%$+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
