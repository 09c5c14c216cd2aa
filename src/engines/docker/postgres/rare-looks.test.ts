import { expect, test } from "vitest";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import type { Ending } from "../../../domain/stack/shared-session.ts";
import { MISSES, RareLooks } from "./rare-looks.ts";

const SESSION: ServerSession = { run: async () => [], end: async () => undefined };
const NOBODY: ReadonlySet<string> = new Set();
const EVERY_MS = 45_000;

function ending(pid: number): Ending {
  return { session: { pid }, held: "numbers", because: "it kept numbers" } as unknown as Ending;
}

/** Two looks whose outcomes are told beforehand, one for each time they are taken; afterwards they find nothing. */
function subject(outcomes: Readonly<Record<"numbers" | "members", (readonly Ending[] | Error)[]>>) {
  const asked: string[] = [];
  const looks = (["numbers", "members"] as const).map((of) => ({
    of,
    async find() {
      asked.push(of);
      const next = outcomes[of].shift() ?? [];
      if (next instanceof Error) throw next;
      return next;
    },
  }));
  const rare = new RareLooks(looks);
  const pass = async (now: number) => {
    asked.length = 0;
    const found = await rare.find(SESSION, NOBODY, now);
    return { found: found.map(({ session }) => session.pid), asked: [...asked], blind: rare.blind() };
  };
  return { pass };
}

const broken = () => new Error('could not open directory "pg_multixact/members"');
const full = () => Object.assign(new Error("out of shared memory"), { code: "53200" });

test("what one look found is ended, whichever of the others fails", async () => {
  const later = subject({ numbers: [[ending(1)]], members: [broken()] });
  expect(await later.pass(0)).toEqual({ found: [1], asked: ["numbers", "members"], blind: [] });
  const earlier = subject({ numbers: [broken()], members: [[ending(2)]] });
  expect(await earlier.pass(0)).toEqual({ found: [2], asked: ["numbers", "members"], blind: [] });
});

test("each is asked again at once after it found somebody or failed, and else after a while", async () => {
  const { pass } = subject({ numbers: [[], []], members: [[ending(2)], broken(), []] });
  await pass(0);
  expect(await pass(1)).toEqual({ found: [], asked: ["members"], blind: [] });
  expect(await pass(2)).toEqual({ found: [], asked: ["members"], blind: [] });
  expect(await pass(3)).toEqual({ found: [], asked: [], blind: [] });
  expect(await pass(EVERY_MS)).toEqual({ found: [], asked: ["numbers"], blind: [] });
});

test("one that fails again and again is said, is asked for less often from then on, and is said no more once it succeeds", async () => {
  const { pass } = subject({ numbers: [], members: Array.from({ length: MISSES + 1 }, broken) });
  const blind = ['members: could not open directory "pg_multixact/members"'];
  for (let missed = 1; missed < MISSES; missed++) expect((await pass(missed)).blind).toEqual([]);
  expect(await pass(MISSES)).toEqual({ found: [], asked: ["members"], blind });
  expect(await pass(MISSES + 1)).toEqual({ found: [], asked: [], blind });
  expect(await pass(MISSES + EVERY_MS)).toEqual({ found: [], asked: ["numbers", "members"], blind });
  expect(await pass(MISSES + 2 * EVERY_MS)).toEqual({ found: [], asked: ["numbers", "members"], blind: [] });
});

test("a full table of locks passes and is never said; another want of memory is", async () => {
  const { pass } = subject({
    numbers: Array.from({ length: 2 * MISSES }, full),
    members: Array.from({ length: MISSES }, () => Object.assign(new Error("out of memory"), { code: "53200" })),
  });
  for (let missed = 1; missed < MISSES; missed++) await pass(missed);
  expect(await pass(MISSES)).toEqual({ found: [], asked: ["numbers", "members"], blind: ["members: out of memory"] });
  expect((await pass(MISSES + 1)).asked).toEqual(["numbers"]);
});
