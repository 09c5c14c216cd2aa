import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ANSWERS, Refusal } from "./terminal/json.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const home = mkdtempSync(join(tmpdir(), "ballast-service-"));
const SECRET = "the-password-that-nobody-may-see";
afterAll(() => rmSync(home, { recursive: true }));

function ballast(...words: readonly string[]) {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    BALLAST_STATE_HOME: home,
    BALLAST_DATABASE_URL: `postgresql://ballast:${SECRET}@127.0.0.1/ballast`,
  };
  const ran = spawnSync(process.execPath, [join(ROOT, "src/cli/main.ts"), ...words], { cwd: ROOT, env, encoding: "utf8" });
  return { exit: ran.status, out: ran.stdout, err: ran.stderr };
}

test("the unit is shown without touching the machine: this Node, this package, this state folder, and no secret", () => {
  const ran = ballast("service", "install", "examples/hello", "--print", "--json");
  const answer = ANSWERS.service.parse(JSON.parse(ran.out));
  expect([ran.exit, answer.fleet, answer.unit]).toEqual([0, "hello", "ballast-hello.service"]);
  expect(answer.text).toContain(`ExecStart=${process.execPath} `);
  expect(answer.text).toContain(` ${join(ROOT, "src/cli/main.ts")} server --fleet-name hello`);
  expect(answer.text).toContain(`Environment=BALLAST_STATE_HOME=${home}\n`);
  expect(ran.out).not.toContain(SECRET);
});

test.skipIf(existsSync("/run/systemd/system"))("where nothing starts services, installing is refused with what can be done instead", () => {
  const ran = ballast("service", "install", "examples/hello", "--json");
  const { problems } = Refusal.parse(JSON.parse(ran.out));
  expect([ran.exit, problems.map(({ code, hint }) => [code, hint?.includes("--print")])]).toEqual([1, [["BAL-C018", true]]]);
  expect(ballast("service", "status", "examples/hello")).toMatchObject({ exit: 1, out: expect.stringContaining("does not start with it") });
  expect(ballast("service", "remove", "examples/hello")).toMatchObject({ exit: 0, out: "ballast-hello.service is not installed\n" });
});

test("another action, and --print with another one, are wrong usage", () => {
  expect(ballast("service", "restart", "examples/hello").exit).toBe(2);
  expect(ballast("service", "status", "examples/hello", "--print").exit).toBe(2);
});
