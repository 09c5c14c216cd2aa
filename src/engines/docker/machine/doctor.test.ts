import { expect, test } from "vitest";
import { type DoctorFinding, diagnose, installSteps, type MachineNeeds } from "./doctor.ts";
import type { MachineFacts } from "./facts.ts";
import { parseOsRelease } from "./os-release.ts";

const GIB = 1024 ** 3;
const GOOD: MachineFacts = {
  platform: "linux",
  arch: "x64",
  os: { id: "debian", version: "12" },
  uid: 0,
  memoryBytes: 8 * GIB,
  cpus: 2,
  freeBytes: { "/var/lib/docker": 50 * GIB, "/var/lib/ballast": 50 * GIB },
  docker: { state: "running", version: "20.10.24", apiVersion: "1.41" },
  systemd: false,
  aptAvailable: true,
  nft: true,
  mmdebstrap: true,
  pip: true,
};
const NEEDS: MachineNeeds = {
  images: "packages",
  memoryBytes: 4 * GIB,
  free: [
    { folder: "/var/lib/docker", bytes: 10 * GIB, for: "images" },
    { folder: "/var/lib/ballast", bytes: 6 * GIB, for: "state" },
  ],
};

function bad(facts: Partial<MachineFacts>, needs: Partial<MachineNeeds> = {}): readonly DoctorFinding[] {
  return diagnose({ ...GOOD, ...facts }, { ...NEEDS, ...needs }).filter((finding) => finding.state !== "ok");
}

test("a good machine has nothing to repair", () => {
  expect(bad({})).toEqual([]);
});

test("elsewhere than on Linux x64 or arm64 the answer is one clear refusal", () => {
  const remedy = "Run Ballast on Linux x64 or arm64; a virtual machine with Debian is enough.";
  expect(bad({ platform: "darwin", arch: "arm64", docker: { state: "absent" } })).toEqual([
    { id: "platform", state: "refused", text: "darwin arm64 is not supported", remedy },
  ]);
  expect(bad({ arch: "riscv64" }).map((finding) => finding.state)).toEqual(["refused"]);
  expect(bad({ arch: "arm64" })).toEqual([]);
});

test("root on Debian or Ubuntu: everything that is missing is installed in one go, then the engine started", () => {
  for (const id of ["debian", "ubuntu"]) {
    const found = bad({ os: { id, version: "" }, docker: { state: "absent" }, nft: false, mmdebstrap: false, pip: false });
    expect(installSteps(found)).toEqual([
      { step: "apt-install", packages: ["docker.io", "iptables", "nftables", "mmdebstrap", "python3-pip"] },
      { step: "start-docker" },
    ]);
  }
});

test("who is not root is told what to ask for, and nothing is offered", () => {
  const [found] = bad({ uid: 1000, docker: { state: "absent" } });
  expect(found).toEqual({
    id: "docker",
    state: "missing",
    text: "there is no Docker Engine",
    remedy: "Ask an administrator for: apt-get install docker.io iptables",
  });
  expect(installSteps(bad({ uid: 1000, docker: { state: "installed-not-running" } }))).toEqual([]);
});

test("on another distribution Ballast does not guess at the package manager", () => {
  const found = bad({ os: { id: "fedora", version: "43" }, aptAvailable: false, docker: { state: "absent" } });
  expect([installSteps(found), found[0]?.remedy]).toEqual([
    [],
    "Install it with this system's own tools (the Debian packages are called: docker.io iptables)",
  ]);
});

test("an engine that is down is started; one that refuses us is not touched", () => {
  expect(installSteps(bad({ docker: { state: "installed-not-running" } }))).toEqual([{ step: "start-docker" }]);
  expect(bad({ uid: 1000, docker: { state: "unreachable", because: "connect EACCES" } })).toEqual([
    {
      id: "docker",
      state: "missing",
      text: "the Docker Engine cannot be talked to: connect EACCES",
      remedy: "Join the group docker (then log in again), or run as root.",
    },
  ]);
  expect(bad({ docker: { state: "running", version: "19.03.1", apiVersion: "1.40" } }).map((finding) => finding.state)).toEqual([
    "refused",
  ]);
  expect(bad({ docker: { state: "running", version: "29.0", apiVersion: "2.0" } })).toEqual([]);
});

test("folders on one disk share its space", () => {
  expect(bad({ freeBytes: { "/var/lib/docker": 12 * GIB, "/var/lib/ballast": 12 * GIB } }).map((finding) => finding.text)).toEqual([
    "12Gi free in /var/lib/docker for images, 16Gi needed on that disk",
    "12Gi free in /var/lib/ballast for state, 16Gi needed on that disk",
  ]);
  expect(bad({ freeBytes: { "/var/lib/docker": 12 * GIB, "/var/lib/ballast": 11 * GIB } })).toEqual([]);
  expect(bad({ freeBytes: {} }).length).toBe(2);
});

test("too little memory is refused with both numbers", () => {
  expect(bad({ memoryBytes: 2 * GIB }).map((finding) => [finding.id, finding.state, finding.text])).toEqual([
    ["memory", "refused", "2Gi of memory, 4Gi needed"],
  ]);
});

test("the tools that make images are asked for only where images are made", () => {
  expect(bad({ mmdebstrap: false, pip: false }, { images: "registry" })).toEqual([]);
});

test("os-release is read with and without quotes", () => {
  expect(parseOsRelease('NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n')).toEqual({ id: "debian", version: "12" });
  expect(parseOsRelease("")).toEqual({ id: "", version: "" });
});
