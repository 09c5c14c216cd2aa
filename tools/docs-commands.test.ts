import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Every command line that the documents show in a fenced block: run here, run by another suite, or not run for a reason. */
const ROOT = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "ballast-docs-"));

interface Here {
  readonly run: "here";
  readonly says: string;
}

interface Elsewhere {
  readonly run: "elsewhere";
  readonly suite: string;
  /** Text of the suite that runs it. */
  readonly as: string;
}

interface Nowhere {
  readonly run: "nowhere";
  readonly because: string;
}

function here(says: string): Here {
  return { run: "here", says };
}

function elsewhere(suite: string, as: string): Elsewhere {
  return { run: "elsewhere", suite, as };
}

function nowhere(because: string): Nowhere {
  return { run: "nowhere", because };
}

const BY_HAND = "copies data by hand, with names of an installation of the reader";
/** `FOLDER` and `DIR` stand for folders of the reader; here they are fresh ones. */
const COMMANDS: Readonly<Record<string, Here | Elsewhere | Nowhere>> = {
  "./ballast init FOLDER": here("fleet.yaml"),
  "./ballast validate examples/hello": here("no mistakes"),
  "./ballast calendar examples/regional-distributor": here("dispatch-berlin"),
  "./ballast graph examples/hello acme/production": here("flowchart"),
  "./ballast why BAL-P011": here("BAL-P011"),
  "./ballast why examples/hello acme/production#sizes.web.processes": here("sizes.web.processes"),
  "./ballast explain examples/hello acme/production": here("hosting"),
  "./ballast plan FOLDER": here("nothing runs here yet"),
  "./ballast schema": here("json-schema.org"),
  "./ballast completion bash": here("complete -o filenames"),
  "./ballast help exit-codes": here("130"),
  "./ballast render examples/hello --engine compose --out DIR": here("docker compose --project-directory"),
  "./ballast service install examples/hello --print": here("[Service]"),
  "./ballast service install FOLDER --print": here("WantedBy=multi-user.target"),
  "./ballast up examples/hello": elsewhere("test/e2e/hello.test.ts", '"up"'),
  "./ballast up FOLDER": elsewhere("test/e2e/restart.test.ts", '"up", fleet.folder'),
  "./ballast plan examples/hello": elsewhere("test/e2e/hello.test.ts", '"plan"'),
  "./ballast doctor": elsewhere("src/cli/cli.integration.test.ts", '["doctor"'),
  "./ballast doctor --prune": elsewhere("test/e2e/prune.test.ts", "await prune("),
  "./ballast down nova/production --delete-data --confirm nova": elsewhere(
    "test/e2e/lifecycle.test.ts",
    '"nova/production", "--delete-data", "--confirm", "nova"',
  ),
  "./ballast sbom": elsewhere("test/e2e/sbom.test.ts", "sboms()"),
  "./ballast sbom odoo-19": elsewhere("test/e2e/sbom.test.ts", "sboms()"),
  "./ballast sbom --out DIR": elsewhere("src/cli/sbom.test.ts", "--out"),
  "./ballast rotate FOLDER acme/production": elsewhere("test/e2e/secrets.test.ts", '"rotate", fleet.folder, "acme/production"'),
  "./ballast rotate FOLDER pool/everyone --only superuser-password": elsewhere("test/e2e/secrets.test.ts", '"superuser-password"'),
  "./ballast rotate FOLDER --only sealing-key api-token": elsewhere("test/e2e/secrets.test.ts", '"sealing-key"'),
  "./ballast up FOLDER --lost-store": elsewhere("test/e2e/secrets.test.ts", '"--lost-store"'),
  './ballast apply FOLDER --now --reason "the store was lost"': elsewhere("test/e2e/secrets.test.ts", '"apply", fleet.folder, ...NOW'),
  './ballast rotate FOLDER --lost-key --now --reason "the sealing key is lost"': elsewhere("test/e2e/secrets.test.ts", '"--lost-key"'),
  "./ballast service install FOLDER": nowhere("needs systemd; that it is refused without is tested in src/cli/service.integration.test.ts"),
  "./ballast service status FOLDER": elsewhere("src/cli/service.integration.test.ts", '"service", "status"'),
  "./ballast service remove FOLDER": elsewhere("src/cli/service.integration.test.ts", '"service", "remove"'),
  "./ballast test": nowhere("runs this test"),
  "npm run check": nowhere("the checks run beside the tests"),
  "npm test": nowhere("runs this test"),
  "npm run test:integration": nowhere("runs tests"),
  "npm run test:e2e": nowhere("runs tests"),
  "npm run test:faults": nowhere("runs tests"),
  "npm run test:fuzz": nowhere("runs tests"),
  "npm run test:soak": nowhere("runs tests"),
  "npm run audit": nowhere("asks a service that may not answer; every run of the tests asks it"),
  "npm run generate": elsewhere("tools/generate.test.ts", "generate.ts"),
  "node tools/holidays.ts": elsewhere("tools/holidays.test.ts", "holiday"),
  "cp -a /var/lib/ballast/hello/sealing.key SAFE_PLACE/": nowhere(BY_HAND),
  [`kill -TERM "$(grep -o '"pid":[0-9]*' /var/lib/ballast/hello/server.json | cut -d: -f2)"`]: nowhere(BY_HAND),
  "tar -C /var/lib/ballast/hello -cf OTHER_PLACE/hello-store.tar postgres": nowhere(BY_HAND),
  'docker exec "$(docker ps -q --filter label=ballast.fleet=hello --filter label=ballast.node=pool/everyone/postgres)" pg_dump -Fc -d acme_production > acme.dump':
    nowhere(BY_HAND),
  'docker exec "$(docker ps -q --filter label=ballast.fleet=hello --filter label=ballast.node=acme/production/odoo)" tar -C /var/lib/odoo -cf - filestore > acme-filestore.tar':
    nowhere(BY_HAND),
};

interface Fence {
  readonly file: string;
  readonly language: string;
  readonly lines: readonly string[];
}

const fences = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT })].flatMap((file): readonly Fence[] =>
  [...readFileSync(join(ROOT, file), "utf8").matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", body = ""]) => ({
    file,
    language,
    lines: body.split("\n"),
  })),
);

function commandsOf({ language, lines }: Fence): readonly string[] {
  const typed =
    language === "sh" ? lines : language === "console" ? lines.flatMap((line) => (line.startsWith("$ ") ? [line.slice(2)] : [])) : [];
  return typed.map((line) => line.replace(/(^|\s+)#.*$/, "").trim()).filter((line) => line !== "");
}

const shown = new Set(fences.flatMap(commandsOf));

function ballast(line: string, folder: string) {
  const words = line.split(" ").slice(1);
  const args = words.map((word) => ({ FOLDER: folder, DIR: join(scratch, "out") })[word] ?? word);
  const env = { PATH: process.env["PATH"] ?? "", HOME: scratch, BALLAST_STATE_HOME: join(scratch, "state") };
  const ran = spawnSync(process.execPath, [join(ROOT, "src/cli/main.ts"), ...args], { cwd: ROOT, env, encoding: "utf8" });
  return { exit: ran.status, out: ran.stdout, err: ran.stderr };
}

beforeAll(() => {
  ballast("./ballast init FOLDER", join(scratch, "fleet"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

test("every command line that the documents show is run by a test, or listed with the reason why not", () => {
  expect(shown.size).toBeGreaterThan(20);
  expect([...shown].sort()).toEqual(Object.keys(COMMANDS).sort());
});

test("no command hides in a block that says nothing of its language", () => {
  const hidden = fences
    .filter((fence) => !["sh", "console"].includes(fence.language))
    .filter((fence) => fence.lines.some((line) => /^(\$ )?(\.\/)?(ballast|npm|docker) /.test(line)));
  expect(hidden).toEqual([]);
});

test.each(Object.entries(COMMANDS).flatMap(([line, how]) => (how.run === "here" ? [{ line, how }] : [])))("$line", ({ line, how }) => {
  const folder = join(scratch, line.includes(" init ") ? "another" : "fleet");
  const ran = ballast(line, folder);
  expect([ran.exit, ran.out + ran.err]).toEqual([0, expect.stringContaining(how.says)]);
});

test("a suite that is said to run a command is there, and does", () => {
  const stale = Object.entries(COMMANDS).flatMap(([line, how]) => {
    if (how.run !== "elsewhere") return [];
    const file = join(ROOT, how.suite);
    return existsSync(file) && readFileSync(file, "utf8").includes(how.as) ? [] : [`${line}: ${how.suite}`];
  });
  expect(stale).toEqual([]);
});
