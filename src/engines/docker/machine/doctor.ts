import { formatSize } from "../../../kernel/quantity.ts";
import type { MachineFacts } from "./facts.ts";

export type InstallStep = { readonly step: "apt-install"; readonly packages: readonly string[] } | { readonly step: "start-docker" };

export interface MachineNeeds {
  /** Where images come from; only `packages` needs the tools that make them. */
  readonly images: "packages" | "registry";
  readonly memoryBytes: number;
  readonly free: readonly { readonly folder: string; readonly bytes: number; readonly for: string }[];
}

export interface DoctorFinding {
  readonly id: "platform" | "memory" | "disk" | "docker" | "nftables" | "mmdebstrap" | "pip";
  /** `missing` can be repaired on this machine; `refused` cannot be repaired by Ballast. */
  readonly state: "ok" | "missing" | "refused";
  readonly text: string;
  readonly remedy?: string;
  /** What Ballast can do about it by itself, in this order. */
  readonly install?: readonly InstallStep[];
}

type Rule = (facts: MachineFacts, needs: MachineNeeds) => readonly DoctorFinding[];

const OLDEST_API = [1, 41] as const;
const APT_FAMILY = new Set(["debian", "ubuntu"]);

function canInstall(facts: MachineFacts): boolean {
  return facts.uid === 0 && facts.aptAvailable && APT_FAMILY.has(facts.os.id);
}

function roughSize(bytes: number): string {
  const unit = bytes >= 1024 ** 3 ? 1024 ** 3 : 1024 ** 2;
  return formatSize(Math.round(bytes / unit) * unit);
}

/** A finding for a missing program: installed by Ballast where it may, told to a person where it may not. */
function missing(facts: MachineFacts, id: DoctorFinding["id"], text: string, steps: readonly InstallStep[]): DoctorFinding {
  if (canInstall(facts)) return { id, state: "missing", text, remedy: "Ballast can install it: ballast doctor --install", install: steps };
  const packages = steps.flatMap((step) => (step.step === "apt-install" ? step.packages : [])).join(" ");
  if (facts.aptAvailable && APT_FAMILY.has(facts.os.id)) {
    return { id, state: "missing", text, remedy: `Ask an administrator for: apt-get install ${packages}` };
  }
  return { id, state: "missing", text, remedy: `Install it with this system's own tools (the Debian packages are called: ${packages})` };
}

function platformRule(facts: MachineFacts): readonly DoctorFinding[] {
  const name = `${facts.platform} ${facts.arch}`;
  if (facts.platform === "linux" && (facts.arch === "x64" || facts.arch === "arm64")) return [{ id: "platform", state: "ok", text: name }];
  const remedy = "Run Ballast on Linux x64 or arm64; a virtual machine with Debian is enough.";
  return [{ id: "platform", state: "refused", text: `${name} is not supported`, remedy }];
}

function memoryRule(facts: MachineFacts, needs: MachineNeeds): readonly DoctorFinding[] {
  const text = `${roughSize(facts.memoryBytes)} of memory, ${roughSize(needs.memoryBytes)} needed`;
  if (facts.memoryBytes >= needs.memoryBytes) return [{ id: "memory", state: "ok", text }];
  return [
    { id: "memory", state: "refused", text, remedy: "Give the machine more memory, or declare fewer or smaller environments for it." },
  ];
}

/** Folders on one disk draw on the same space, so their needs are added up where the free space is the very same number. */
function diskRule(facts: MachineFacts, needs: MachineNeeds): readonly DoctorFinding[] {
  return needs.free.map((need): DoctorFinding => {
    const free = facts.freeBytes[need.folder];
    if (free === undefined) return { id: "disk", state: "refused", text: `the free space of ${need.folder} is not known` };
    const together = needs.free.filter((other) => facts.freeBytes[other.folder] === free).reduce((sum, other) => sum + other.bytes, 0);
    const text = `${roughSize(free)} free in ${need.folder} for ${need.for}, ${roughSize(together)} needed on that disk`;
    return free >= together
      ? { id: "disk", state: "ok", text }
      : { id: "disk", state: "refused", text, remedy: `Free some space in ${need.folder}.` };
  });
}

function apiIsOld(apiVersion: string): boolean {
  const [major = 0, minor = 0] = apiVersion.split(".").map(Number);
  return major < OLDEST_API[0] || (major === OLDEST_API[0] && minor < OLDEST_API[1]);
}

function dockerRule(facts: MachineFacts): readonly DoctorFinding[] {
  const { docker } = facts;
  switch (docker.state) {
    case "running": {
      const text = `Docker Engine ${docker.version}, API ${docker.apiVersion}`;
      if (!apiIsOld(docker.apiVersion)) return [{ id: "docker", state: "ok", text }];
      return [
        {
          id: "docker",
          state: "refused",
          text: `${text} is too old`,
          remedy: `Upgrade it to API ${OLDEST_API.join(".")} (Docker 20.10) or newer.`,
        },
      ];
    }
    case "installed-not-running": {
      const text = "the Docker Engine is installed and not running";
      if (facts.uid === 0) {
        return [
          {
            id: "docker",
            state: "missing",
            text,
            remedy: "Ballast can start it: ballast doctor --install",
            install: [{ step: "start-docker" }],
          },
        ];
      }
      return [{ id: "docker", state: "missing", text, remedy: "Ask an administrator to start it: systemctl enable --now docker" }];
    }
    case "absent":
      return [
        missing(facts, "docker", "there is no Docker Engine", [
          { step: "apt-install", packages: ["docker.io", "iptables"] },
          { step: "start-docker" },
        ]),
      ];
    case "unreachable": {
      const remedy = facts.uid === 0 ? "Check the Docker Engine's log." : "Join the group docker (then log in again), or run as root.";
      return [{ id: "docker", state: "missing", text: `the Docker Engine cannot be talked to: ${docker.because}`, remedy }];
    }
    default:
      return docker satisfies never;
  }
}

function firewallRule(facts: MachineFacts): readonly DoctorFinding[] {
  if (facts.nft) return [{ id: "nftables", state: "ok", text: "nft sets the rules that keep containers in" }];
  const text = "nft is missing: the rules that keep containers in are made with it";
  return [missing(facts, "nftables", text, [{ step: "apt-install", packages: ["nftables"] }])];
}

function toolRule(facts: MachineFacts, needs: MachineNeeds): readonly DoctorFinding[] {
  if (needs.images === "registry") return [];
  const mmdebstrap: DoctorFinding = facts.mmdebstrap
    ? { id: "mmdebstrap", state: "ok", text: "mmdebstrap makes base images from packages" }
    : missing(facts, "mmdebstrap", "mmdebstrap is missing: base images are made with it", [
        { step: "apt-install", packages: ["mmdebstrap"] },
      ]);
  const pip: DoctorFinding = facts.pip
    ? { id: "pip", state: "ok", text: "pip fetches wheels by hash" }
    : missing(facts, "pip", "pip is missing: the ingress comes as a wheel", [{ step: "apt-install", packages: ["python3-pip"] }]);
  return [mmdebstrap, pip];
}

const RULES: readonly Rule[] = [platformRule, memoryRule, diskRule, dockerRule, firewallRule, toolRule];

/** Judges a machine by its facts. Pure. */
export function diagnose(facts: MachineFacts, needs: MachineNeeds): readonly DoctorFinding[] {
  const platform = platformRule(facts);
  // Elsewhere the other rules would only talk about a machine that cannot be used.
  if (platform.some((finding) => finding.state === "refused")) return platform;
  return RULES.flatMap((rule) => rule(facts, needs));
}

/** The steps of all findings as one list: packages in one go, the engine last. */
export function installSteps(findings: readonly DoctorFinding[]): readonly InstallStep[] {
  const steps = findings.flatMap((finding) => finding.install ?? []);
  const packages = [...new Set(steps.flatMap((step) => (step.step === "apt-install" ? step.packages : [])))];
  return [
    ...(packages.length === 0 ? [] : [{ step: "apt-install" as const, packages }]),
    ...(steps.some((step) => step.step === "start-docker") ? [{ step: "start-docker" as const }] : []),
  ];
}
