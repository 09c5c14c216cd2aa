import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listContainers } from "../../src/engines/docker/container/containers.ts";
import { limitAllSources } from "../../src/engines/docker/network/limit-sources.ts";
import { labelsOf } from "../../src/engines/docker/observe/labels.ts";
import type { Scope } from "../../src/engines/docker/scope.ts";
import { type Json } from "../../src/kernel/canonical.ts";

/** A network namespace in which nothing but a process of this test is, in the place of a container's. */
let holder: ChildProcess;
let now = Date.parse("2026-11-27T10:00:00Z");
let scope: Scope;
const ADDRESS = "10.9.9.2";

beforeAll(async () => {
  holder = spawn("unshare", ["--net", "sleep", "120"], { stdio: "ignore" });
  const namespace = `/proc/${holder.pid}/ns/net`;
  for (let tries = 0; readlinkSync(namespace) === readlinkSync("/proc/self/ns/net"); tries++) {
    if (tries > 200) throw new Error("no network namespace");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const owner = { fleet: "limits", instance: "0a1b2c3d" };
  const node = { id: "pool/everyone/redis", kind: "redis", spec: {} as Json, uses: [] } as never;
  const Labels = labelsOf(owner, node);
  const NetworkSettings = { SandboxKey: namespace, Networks: { home: { IPAddress: ADDRESS, EndpointID: "one" } } };
  const HostConfig = { NetworkMode: "home" };
  const inspected = { Name: "/redis", Config: { Labels }, State: { Running: true }, HostConfig, NetworkSettings };
  const docker = {
    listContainers: async () => [{ Id: "1", State: "running", Labels, HostConfig, NetworkSettings }],
    getContainer: () => ({ inspect: async () => inspected }),
  };
  scope = { owner, docker, now: () => now } as never;
});
afterAll(() => {
  holder.kill("SIGKILL");
});

const inside = (...words: readonly string[]) =>
  execFileSync("nsenter", [`--net=/proc/${holder.pid}/ns/net`, "--", ...words], { encoding: "utf8" });
const isLimited = () => inside("iptables-save").includes(`-d ${ADDRESS}/32 -j ACCEPT`);

test("limits that somebody flushed, or loosened, inside a server's namespace are put in force again and told, within a minute", async () => {
  expect(await limitAllSources(scope, await listContainers(scope))).toEqual({ repaired: [], failed: [] });
  expect(isLimited()).toBe(true);
  const ways = [
    ["iptables", "-F"],
    ["iptables", "-I", "INPUT", "-j", "ACCEPT"],
    ["iptables", "-P", "INPUT", "ACCEPT"],
    ["sh", "-c", "echo 432000 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established"],
  ];
  for (const words of ways) {
    now += 45_000;
    expect(await limitAllSources(scope, await listContainers(scope))).toEqual({ repaired: [], failed: [] });
    const before = inside("iptables-save", "-t", "filter");
    inside(...words);
    now += 45_000;
    expect(await limitAllSources(scope, await listContainers(scope))).toEqual({
      repaired: ["limits by source of pool/everyone/redis"],
      failed: [],
    });
    const rules = (text: string) => text.replaceAll(/^#.*$|\[\d+:\d+\]/gm, "");
    expect(rules(inside("iptables-save", "-t", "filter"))).toBe(rules(before));
  }
});
