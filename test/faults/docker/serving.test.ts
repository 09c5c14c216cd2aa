import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../support/docker-bench.ts";
import { faultyFleet } from "../../support/faulty-fleet.ts";
import { storeDump } from "../../support/postgres-probe.ts";

const subject = faultyFleet("serving");
const { fleet, insides, declare, stack, untilServing, asSuperuser } = subject;
const ODOO = "acme/production/odoo";
const POOLER = "pool/everyone/pooler";

beforeAll(async () => {
  declare(["beta"]);
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
});
afterAll(() => fleet.remove());

/** State and reasons of acme, once they are as awaited. */
async function untilState(state: string, seconds: number): Promise<readonly string[]> {
  return await until(`acme ${state}`, seconds, async () => {
    const seen = await stack("acme/production");
    return seen.state === state ? seen.because : undefined;
  });
}

async function inDatabase(statement: string): Promise<void> {
  await asSuperuser("acme_production", async (client) => void (await client.query(statement)));
}

/** Sends a signal to the processes of a container, beside its init. */
async function signal(node: string, name: "SIGSTOP" | "SIGCONT"): Promise<void> {
  const container = await insides.container(node);
  const { Titles: titles, Processes: processes } = (await container.top()) as { Titles: string[]; Processes: string[][] };
  for (const line of processes) {
    if (!line[titles.indexOf("CMD")]?.includes("docker-init")) process.kill(Number(line[titles.indexOf("PID")]), name);
  }
}

async function startedAt(node: string): Promise<string> {
  return (await (await insides.container(node)).inspect()).State.StartedAt;
}

test("modules that wait for an upgrade and scheduled actions that were skipped degrade an environment within a minute", async () => {
  expect((await stack("acme/production")).state).toBe("serving");
  await inDatabase("UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'sale'");
  expect(await untilState("degraded", 60)).toEqual(["1 module is pending (sale): scheduled actions are skipped"]);
  await inDatabase("UPDATE ir_module_module SET state = 'installed' WHERE name = 'sale'");
  await untilServing("acme/production", 60);
});

/** Inside the network of a container, as a fault between it and the ingress: what comes to Odoo's port is refused, or no longer. */
async function refuseRequests(verb: "-A" | "-D"): Promise<void> {
  const { Pid: pid } = (await (await insides.container(ODOO)).inspect()).State;
  const rule = ["INPUT", "-p", "tcp", "--dport", "8069", "-j", "REJECT", "--reject-with", "tcp-reset"];
  execFileSync("nsenter", ["-t", String(pid), "-n", "iptables", verb, ...rule]);
}

test("a page that answers 502 is down, whatever its processes say", async () => {
  await refuseRequests("-A");
  expect(await untilState("down", 40)).toEqual(["the page answered 502"]);
  expect((await (await insides.container(ODOO)).inspect()).State.Running).toBe(true);
  expect((await fleet.ballast("status", fleet.folder)).code).toBe(1);
  await refuseRequests("-D");
  await untilServing("acme/production", 40);
});

test("an Odoo with too much work is degraded and never restarted, and its neighbour serves", async () => {
  const before = await startedAt(ODOO);
  await asSuperuser("acme_production", async (client) => {
    await client.query("BEGIN");
    await client.query(
      "LOCK TABLE ir_ui_view, res_users, res_lang, ir_attachment, ir_module_module, ir_config_parameter IN ACCESS EXCLUSIVE MODE",
    );
    expect((await untilState("degraded", 90))[0]).toBe("saturated: no page within 10 s, and its processes are alive");
    await sleep(120_000);
    expect((await stack("acme/production")).state).toBe("degraded");
    expect((await stack("beta/production")).state).toBe("serving");
    expect(await startedAt(ODOO)).toBe(before);
    await client.query("ROLLBACK");
  });
  await untilServing("acme/production", 60);
  expect(await startedAt(ODOO)).toBe(before);
});

test("an Odoo that hangs is restarted by itself, outside of every window, and the ledger says why", async () => {
  const before = await startedAt(ODOO);
  await signal(ODOO, "SIGSTOP");
  expect((await untilState("degraded", 60))[0]).toMatch(/^saturated: /);
  await until("another start", 240, async () => ((await startedAt(ODOO)) === before ? undefined : true));
  await untilServing("acme/production", 60);
  const written = await storeDump(fleet.installation.postgres);
  expect(written).toMatch(/acme\/production\/odoo is failing: runs, and has given no sign of life for more than a minute/);
  expect(written).toContain("page.lost");
});

test("a pooler that hangs is restarted by itself and serves again, and one that serves never is", async () => {
  const before = await startedAt(POOLER);
  await sleep(150_000);
  const { StartedAt: started, Health: health } = (await (await insides.container(POOLER)).inspect()).State;
  expect([started, health?.Status, health?.FailingStreak]).toEqual([before, "healthy", 0]);
  await signal(POOLER, "SIGSTOP");
  await until("another start", 240, async () => ((await startedAt(POOLER)) === before ? undefined : true));
  await untilServing("pool/everyone", 60);
  await untilServing("acme/production", 60);
  await untilServing("beta/production", 60);
});
