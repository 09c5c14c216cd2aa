import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SERVER } from "../../../../test/support/one-server.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { labelsOf } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { MISSES } from "./rare-looks.ts";
import { SharedWatch } from "./relieve.ts";

const OWNER = { fleet: "f", instance: "00000000" };
const volatile = mkdtempSync(join(tmpdir(), "ballast-relieve-"));
const secret = join(volatile, "nodes/pool/p/superuser-password");
mkdirSync(secret, { recursive: true });
writeFileSync(join(secret, "value"), "word");
afterAll(() => rmSync(volatile, { recursive: true }));

const SESSION = {
  pid: 7,
  role: "16400",
  database: "16401",
  state: "idle",
  began: null,
  changed: 0,
  locks: 0,
  worker: false,
  computes: false,
};

/** A machine with one shared server, which answers these statements, and others with nothing. */
function machine(answers: ReadonlyMap<string, () => readonly object[]>): Scope {
  const labels = labelsOf(OWNER, SERVER);
  const listed = { Id: "c", Names: ["/c"], Labels: labels, ImageID: "sha256:0123456789abcdef", State: "running", Status: "Up 2 minutes" };
  const inspected = {
    Id: "c",
    Config: { Labels: labels },
    State: { Running: true },
    HostConfig: { NetworkMode: "n" },
    NetworkSettings: { Networks: { n: { IPAddress: "192.0.2.1" } } },
  };
  const query = async (text: string) => answers.get(text)?.() ?? [];
  return {
    docker: { listContainers: async () => [listed], getContainer: () => ({ inspect: async () => inspected }) },
    owner: OWNER,
    paths: { volatile, state: volatile, cache: volatile },
    sql: async () => ({ query, end: async () => undefined }),
    now: () => 1_800_000_000_000,
    ended: [],
  } as unknown as Scope;
}

test("a server of which one thing cannot be looked at again and again is said to be unwatched, and who keeps another is ended", async () => {
  const ended: string[] = [];
  const watch = new SharedWatch(
    machine(
      new Map<string, () => readonly object[]>([
        [SERVER_SQL.areCommonClosed().text, () => [{ closed: true }]],
        [SERVER_SQL.numbers().text, () => [{ database: "16401", age: 1_500_000_000, shared: 0 }]],
        [SERVER_SQL.sessionsIn("16401").text, () => [SESSION]],
        [SERVER_SQL.endSession("7", "0").text, () => [{ ended: ended.push("7") }]],
        [
          SERVER_SQL.memberSegments().text,
          () => {
            throw new Error("permission denied for function pg_ls_dir");
          },
        ],
      ]),
    ),
  );
  const looks = [];
  for (let times = 1; times <= MISSES; times++) looks.push(await watch.relieve());
  await watch.close();
  // It is asked each time, and said once: it is one session that does not end.
  expect(looks.map(({ ended: all }) => all.map(({ pid, held }) => `${pid} ${held}`))).toEqual(
    looks.map((_, at) => (at === 0 ? ["7 numbers"] : [])),
  );
  expect(ended).toEqual(looks.map(() => "7"));
  expect(looks.map(({ unwatched }) => unwatched)).toEqual([
    ...Array.from({ length: MISSES - 1 }, () => []),
    [{ server: SERVER.id, because: "members of locks of rows: permission denied for function pg_ls_dir" }],
  ]);
});
