import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { jobSuite } from "../support/jobs.ts";
import { launchedFleet, type Ran } from "../support/launched-fleet.ts";
import { reportSuite } from "../support/reports.ts";
import { sessionSuite } from "../support/sessions.ts";

/** The example of a logistics provider on Odoo 14 with a machine of its own, under another name. */
const fleet = launchedFleet("provider");
const insides = insidesOf(fleet);
const FLEET = readFileSync(join(PACKAGE_ROOT, "examples/third-party-logistics/fleet.yaml"), "utf8")
  .replace("name: stauraum }\nspec:\n  operatingModel", `name: ${fleet.name} }\nspec:\n  operatingModel`)
  .replace("stauraum.localhost", `${fleet.name}.localhost`);
const environment = "stauraum/production";
const subject = { fleet, insides, environment, series: "14.0" } as const;

let up: Ran;
beforeAll(async () => {
  fleet.declare(FLEET);
  up = await fleet.ballast("up", fleet.folder, "--yes");
});
afterAll(() => fleet.remove());

test("one up brings a dedicated environment of the oldest series in roles, and runs its journey", async () => {
  const journeys = up.err.split("\n").filter((line) => line.includes("journey ") && line.includes("passed"));
  expect([up.code, journeys]).toEqual([0, [`✔ journey ${environment}  8 steps passed`]]);
  const plan = await fleet.ballast("plan", fleet.folder, "--exit-code");
  expect([plan.code, plan.out.split("\n")[0]]).toEqual([0, "nothing differs: 1 environment and 1 platform are as declared"]);
});

test("a carrier that calls back comes to the container for integrations", async () => {
  const mark = randomBytes(6).toString("hex");
  await fleet.ask(environment, `/webhook/gls?mark=${mark}`, { body: {} });
  await fleet.ask(environment, `/web/login?mark=${mark}`);
  const targets = async (process: string) => (await insides.marked(environment, mark, { process })).map((entry) => entry.target);
  expect([await targets("odoo-integration"), await targets("odoo-web")]).toEqual([
    [`/webhook/gls?mark=${mark}`],
    [`/web/login?mark=${mark}`],
  ]);
});

test("long polling is answered by its own container, with what a web process sent, long before it would give up waiting", async () => {
  const { session } = await fleet.signIn(environment, fleet.password(environment));
  const channel = randomBytes(6).toString("hex");
  const poll = (last: number) =>
    fleet.ask(environment, "/longpolling/poll", {
      headers: { cookie: session },
      body: { jsonrpc: "2.0", params: { channels: [channel], last, options: {} } },
      // By itself it would ask the database again after 50 s.
      seconds: 20,
    });
  const send = async (message: string) =>
    (
      await fetch(`${await insides.odooUrl(environment)}/longpolling/send`, {
        method: "POST",
        headers: { "content-type": "application/json", cookie: session },
        body: JSON.stringify({ jsonrpc: "2.0", params: { channel, message } }),
      })
    ).json();
  await send("first");
  const waiting = JSON.parse((await poll(0)).body) as { result: { id: number; message: string }[] };
  expect(waiting.result.map(({ message }) => message)).toEqual(["first"]);
  const asked = poll(waiting.result[0]?.id ?? 0);
  // The question must have arrived before the answer is sent.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await send("second");
  const { result } = JSON.parse((await asked).body) as { result: { message: string }[] };
  expect(result.map(({ message }) => message)).toEqual(["second"]);
});

describe("sessions on Odoo 14", () => {
  sessionSuite(subject);
});

describe("queued jobs on Odoo 14", () => {
  jobSuite(subject);
});

describe("reports on Odoo 14", () => {
  reportSuite(subject);
});
