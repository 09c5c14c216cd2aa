import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLine, commandLine } from "../../test/support/command-line.ts";
import { memoryPlane } from "../../test/support/memory-plane.ts";

/** What a sign-in name, a host, a file name or a key may hold: it clears the screen, sets the title, turns text round, and feigns a line. */
const HOSTILE = "evil\u001b[2J\u001b]0;owned\u0007\u202e\u200b\u009b31m\u2028\u0000\r\n✔ all is well";
const SHOWN = "evil\\x1b[2J\\x1b]0;owned\\x07\\u202e\\u200b\\x9b31m\\u2028\\x00\\x0d\\x0a✔ all is well";

let line: CommandLine;

beforeAll(async () => {
  const plane = memoryPlane(() => undefined, process.pid);
  const at = "2026-11-22T12:00:00.000Z";
  const problems = [{ code: "BAL-E007", severity: "error" as const, at: "acme/production/odoo", message: HOSTILE, hint: HOSTILE }];
  const operation = {
    id: "op-1",
    verb: "apply",
    stack: HOSTILE,
    parent: null,
    state: "failed" as const,
    actor: HOSTILE,
    createdAt: at,
    finishedAt: at,
  };
  const node = { node: "acme/production/odoo", kind: "odoo", condition: HOSTILE, because: HOSTILE };
  line = await commandLine({
    status: async () => ({
      fleet: "hello",
      asOf: at,
      notes: [HOSTILE],
      stacks: [
        {
          stack: "acme/production",
          state: "down",
          because: [HOSTILE],
          nodes: [node],
          url: HOSTILE,
          drift: [{ node: HOSTILE, kind: "edited", says: HOSTILE }],
          tried: [{ source: HOSTILE, target: HOSTILE, times: 2, lastAt: at }],
        },
      ],
    }),
    async *logs() {
      yield { node: "acme/production/odoo", at, text: HOSTILE };
    },
    operations: async () => [{ ...operation, result: { problems } }],
    operation: async () => ({ ...operation, result: { state: "failed", stacks: [], problems } }),
    events: async () => [{ seq: 1, operation: "op-1", at, kind: "step", subject: HOSTILE, text: HOSTILE }],
    decisions: async () => [{ at, actor: HOSTILE, act: "operation.deny", subject: HOSTILE, reasons: [HOSTILE] }],
    plan: async (files) => ({ ...(await plane.plan(files)), notes: [HOSTILE] }),
  });
});
afterAll(async () => {
  await line.close();
});

function obeyed(text: string): readonly string[] {
  return text.match(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu) ?? [];
}

test("what a tenant, a container or a client chose is shown, not obeyed, whatever the command", async () => {
  const commands = [
    ["logs", "acme/production"],
    ["status"],
    ["status", "acme/production"],
    ["operations"],
    ["operations", "op-1"],
    ["why", "acme/production", "--fleet", "hello"],
    ["why", "op-1", "--fleet", "hello"],
    ["plan", "examples/hello"],
    ["apply", "examples/hello"],
  ];
  for (const words of commands) {
    const ran = await line.run(words);
    expect([words, obeyed(ran.out + ran.err)]).toEqual([words, []]);
    expect([words, `${ran.out}${ran.err}`.includes(SHOWN), /^✔ all is well/m.test(ran.out + ran.err)]).toEqual([words, true, false]);
    const json = await line.run([...words, "--json"]);
    expect([words, obeyed(json.out + json.err)]).toEqual([words, []]);
    for (const one of json.out.trimEnd().split("\n")) JSON.parse(one);
  }
});

test("validate shows what stands in names of files, keys, tags and values, and a terminal obeys none of it", async () => {
  const folder = join(line.empty, "fleet");
  mkdirSync(join(folder, "a\u001b[2Jfolder"), { recursive: true });
  const texts: Record<string, string> = {
    "fleet.yaml": 'apiVersion: ballast.dev/v1alpha1\nkind: Fleet\nmetadata: { name: "x\\e[2J" }\n',
    "a\u001b[2Jfolder/b\u202e.yaml": 'apiVersion: ballast.dev/v1alpha1\nkind: Tenant\n? "k\\e]0;x\\a"\n: 1\n',
    "tag.yaml": "!\u202etag\na: 1\n",
    "key\u009b31m.yaml": "\u202ekey: [\n",
    "control.yaml": "a: \u001b[31m\n",
  };
  for (const [path, text] of Object.entries(texts)) writeFileSync(join(folder, path), text);
  for (const words of [
    ["validate", folder],
    ["plan", folder],
    ["validate", folder, "--json"],
    ["validate", "no\u001b[2Jsuch"],
    ["validate\u001b[2J"],
  ]) {
    const ran = await line.run(words);
    expect([words, ran.exit === 0, obeyed(ran.out + ran.err)]).toEqual([words, false, []]);
  }
});
