import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";

const HELLO = join(import.meta.dirname, "..", "..", "..", "examples", "hello");
let line: CommandLine;
let empty: string;

beforeAll(async () => {
  line = await commandLine();
  empty = line.empty;
});
afterAll(() => line.close());

function ballast(words: readonly string[], home?: { readonly home: string }) {
  return line.run(words, home?.home);
}

test("why answers about a state, a value, a code and an operation, with what it rests on and what to do", async () => {
  await ballast(["apply", HELLO, "--id", "op-why"]);
  const state = await ballast(["why", HELLO, "acme/production"]);
  expect([state.exit, state.out.split("\n")[0]]).toEqual([0, expect.stringMatching(/^acme\/production is serving, as of .* CET?S?T?$/)]);
  const value = await ballast(["why", HELLO, "acme/production#sizes.web.processes", "--json"]);
  expect(JSON.parse(value.out)).toEqual({
    schema: "ballast.dev/cli/v2",
    command: "why",
    exit: 0,
    subject: "acme/production#sizes.web.processes",
    about: "value",
    says: "sizes.web.processes of acme/production is 2",
    because: [{ text: "tier standard brings it", at: "fleet.yaml:30:19" }],
    repair: ["declare sizes.web.processes for acme/production, or adjust tier standard"],
    next: [`ballast explain ${HELLO} acme/production`, `ballast plan ${HELLO}`],
  });
  const operation = await ballast(["why", "op-why"]);
  expect([operation.exit, operation.out]).toEqual([0, expect.stringContaining("ended as done")]);
  expect(operation.out).toContain("inside a maintenance window");
});

test("why about something unknown is refused with what was meant, and about a state without a control plane cannot be known", async () => {
  const wrong = [
    ["why", HELLO, "acme/prodution"],
    ["why", HELLO, "acme/production#sizes.web.proceses"],
    ["why", "BAL-P999"],
    ["why", "op-nothing"],
  ];
  const told = await Promise.all(wrong.map((words) => ballast(words)));
  expect(told.map((ran) => [ran.exit, /BAL-\w+ error  [^\n]*/.exec(ran.err)?.[0]])).toEqual([
    [1, 'BAL-C017 error  nothing has this address. Did you mean "acme/production"?'],
    [1, 'BAL-C017 error  acme/production has no value "sizes.web.proceses". Did you mean "acme/production#sizes.web.processes"?'],
    [1, expect.stringMatching(/^BAL-C017 error {2}there is no such code\. Did you mean "BAL-P\d99"\?$/)],
    [1, expect.stringContaining("BAL-C017 error  there is no such operation")],
  ]);
  expect((await ballast(["why", HELLO, "acme/production"], { home: empty })).exit).toBe(4);
  expect((await ballast(["why"])).exit).toBe(2);
});

test("validate shows what a guardrail finds beside the other problems, and refuses errors", async () => {
  const folder = join(empty, "guarded");
  mkdirSync(folder);
  const text = readFileSync(join(HELLO, "fleet.yaml"), "utf8");
  const large = "pool: everyone, sizes: { web: { processes: 4 } }, tier: standard }";
  writeFileSync(join(folder, "fleet.yaml"), text.replace("pool: everyone }", large));
  const ran = await ballast(["validate", folder]);
  expect([ran.exit, ran.out.split("\n").at(-2)]).toEqual([1, "1 error in 1 file; nothing was changed."]);
  expect(ran.out).toContain(
    "BAL-P011 error  acme/production: sizes.report.processes is 0 beside 4 web processes: 4 reports at once stop everybody",
  );
  const planned = await ballast(["plan", folder], { home: empty });
  expect([planned.exit, planned.out]).toEqual([1, expect.stringContaining("BAL-P011 error")]);
  expect((await ballast(["why", folder, "BAL-P011", "--json"])).out).toContain("declare sizes: { report: { processes: 1 } }");
});
