import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { requestThrough } from "../../src/adapters/http/through.ts";
import type { FleetInsides } from "./fleet-insides.ts";
import type { LaunchedFleet } from "./launched-fleet.ts";

const PORT = 9069;
/** Answers everybody with nine megabytes of headers, as code in an Odoo could. */
const ANSWERS = `
require("node:net").createServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", () => {
    socket.write("HTTP/1.1 200 OK\\r\\n");
    for (let n = 0; n < 450000; n++) socket.write("X" + n + ": aaaaaaaa\\r\\n");
    socket.end("Content-Length: 2\\r\\n\\r\\nok");
  });
}).listen(${PORT}, "0.0.0.0", () => console.log("listening"));`;
const AT_ONCE = 60;

/** What a tenant's Odoo answers may not take the memory of the ingress, which is everybody's. */
export function headerSuite(
  fleet: LaunchedFleet,
  insides: FleetInsides,
  of: { readonly hostile: string; readonly neighbour: string },
): void {
  test("an Odoo that answers with megabytes of headers is refused, and its neighbours notice nothing", async () => {
    const ingress = await insides.container("platform/here/ingress");
    const restarts = async () => (await ingress.inspect()).RestartCount;
    const before = await restarts();
    const { Pid: pid } = (await (await insides.container(`${of.hostile}/production/odoo`)).inspect()).State;
    const within = ["--target", String(pid), "--net"];
    const rule = ["PREROUTING", "-p", "tcp", "--dport", "8069", "-j", "REDIRECT", "--to-ports", String(PORT)];
    const redirect = (verb: "-I" | "-D") => execFileSync("nsenter", [...within, "iptables", "-t", "nat", verb, ...rule]);
    const server = spawn("nsenter", [...within, process.execPath, "-e", ANSWERS], { stdio: ["ignore", "pipe", "inherit"] });
    await once(server.stdout, "data");
    redirect("-I");
    const ask = async (tenant: string) =>
      (await requestThrough(fleet.entrance(tenant), { host: fleet.host(tenant), path: "/web/login", seconds: 60 })).status;
    try {
      const answers = Promise.all(Array.from({ length: AT_ONCE }, () => ask(of.hostile)));
      const neighbours = [];
      for (let asked = 0; asked < 10; asked++) neighbours.push(await ask(of.neighbour));
      expect([new Set(await answers), neighbours, await restarts()]).toEqual([new Set([500]), Array(10).fill(200), before]);
    } finally {
      redirect("-D");
      server.kill("SIGKILL");
    }
    expect(await ask(of.hostile)).toBe(200);
  });
}
