import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installationOf, readSurroundings } from "../../src/app/installation/installation.ts";
import { eventually } from "../support/api.ts";
import { endControlPlane } from "../support/control-plane.ts";
import { DAMAGES, type Damage, damage } from "../support/damage.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";

const home = mkdtempSync(join(tmpdir(), "ballast-state-files-"));
// The store runs as another user than root and must be able to enter.
chmodSync(home, 0o711);
const env = { ...process.env, BALLAST_STATE_HOME: home };
const MAIN = join(PACKAGE_ROOT, "src/cli/main.ts");
const [spoilt, other] = ["spoilt", "other"].map((fleet) => installationOf(readSurroundings(env), fleet)) as [
  ReturnType<typeof installationOf>,
  ReturnType<typeof installationOf>,
];

interface Ran {
  readonly exit: number | null;
  readonly said: string;
}

function ballast(...words: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: PACKAGE_ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
  return new Promise((resolve) => child.on("close", (exit) => resolve({ exit, said })));
}

const status = (fleet: string) => ballast("status", "--fleet", fleet);

/** Starts a control plane as `up` does, and says what it said if it ended instead. */
async function start(fleet: string, more: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  const child = spawn(process.execPath, [MAIN, "server", "--fleet-name", fleet], {
    cwd: PACKAGE_ROOT,
    env: { ...env, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [said, ended] = ["", false];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
  child.on("exit", () => (ended = true));
  return await eventually(`the control plane of ${fleet}`, 60, async () => {
    if (ended) return { said };
    return said.includes('"serving"') ? { said: undefined } : undefined;
  }).then((end) => end.said);
}

const leftOver = join(spoilt.volatile, "jobs/acme/staging/database/pgpass");

beforeAll(async () => {
  mkdirSync(dirname(leftOver), { recursive: true });
  writeFileSync(leftOver, "*:*:*:acme_production:secret\n");
  for (const fleet of ["spoilt", "other"]) {
    const said = await start(fleet);
    if (said !== undefined) throw new Error(said);
  }
});
afterAll(async () => {
  for (const one of [spoilt, other]) await endControlPlane(one).catch(() => undefined);
  for (const folder of [home, spoilt.volatile]) rmSync(folder, { recursive: true, force: true });
});

const FILES = {
  "server.json": spoilt.serverFile,
  "api.token": spoilt.tokenFile,
  instance: join(spoilt.root, "instance"),
  "sealing.key": spoilt.keyFile,
} as const;
const NAMES = Object.keys(FILES) as (keyof typeof FILES)[];

test("passwords that the jobs of a killed control plane read are gone once the next one serves", () => {
  expect(existsSync(leftOver)).toBe(false);
});

describe("while the control plane runs", () => {
  test.each(DAMAGES.flatMap((how) => NAMES.map((name) => [name, how] as const)))("%s that is %s is written again", async (name, how) => {
    const path = FILES[name];
    const [before, mode] = [readFileSync(path, "utf8"), statSync(path).mode];
    damage(path, how);
    expect(await status("spoilt")).toMatchObject({ exit: 0 });
    await eventually(`${name} written again`, 10, async () => (readOr(path) === before ? true : undefined));
    expect(statSync(path).mode).toBe(mode);
    const aside = readdirSync(spoilt.root).filter((one) => one.startsWith(`${name}.`));
    for (const one of aside) rmSync(join(spoilt.root, one), { recursive: true });
    // What was no file of ours is still there, beside it.
    expect(aside.length).toBe(how === "folder" ? 1 : 0);
  });
});

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const WORDS: Readonly<Record<Exclude<Damage, "deleted">, RegExp>> = {
  empty: /is empty/,
  truncated: /is not (a|an|the) /,
  garbage: /holds bytes that are no text/,
  folder: /is a folder/,
};

describe("while it does not run", () => {
  const kept = new Map<string, string>();
  beforeAll(async () => {
    for (const path of Object.values(FILES)) kept.set(path, readFileSync(path, "utf8"));
    await endControlPlane(spoilt);
  });

  function putBack(name: keyof typeof FILES, content: string): void {
    rmSync(FILES[name], { recursive: true, force: true });
    writeFileSync(FILES[name], content, { mode: 0o600 });
  }

  test.each(["empty", "truncated", "garbage", "folder"] as const)(
    "an address that is %s is named, with what repairs it, and hides no other fleet",
    async (how) => {
      putBack("server.json", kept.get(FILES["server.json"]) as string);
      damage(FILES["server.json"], how);
      const told = await status("spoilt");
      expect([told.exit, told.said]).toEqual([4, expect.stringMatching(/BAL-S035/)]);
      expect(told.said).toMatch(WORDS[how]);
      expect(told.said).toContain("ballast up FOLDER");
      expect((await status("other")).exit).toBe(0);
    },
  );

  test("doctor names what is spoilt of one fleet, and tells of the other", async () => {
    for (const name of NAMES) {
      putBack(name, kept.get(FILES[name]) as string);
      damage(FILES[name], "garbage");
    }
    const told = await ballast("doctor");
    for (const path of Object.values(FILES)) expect(told.said).toContain(`${path} holds bytes that are no text`);
    expect(told.said).toMatch(/other: version .* process \d+/);
  });

  test("an address, a token and a mark that are spoilt are recreated by a start; a spoilt key is refused by name", async () => {
    for (const name of NAMES) {
      putBack(name, kept.get(FILES[name]) as string);
      damage(FILES[name], "folder");
    }
    const refused = await start("spoilt");
    expect(refused).toMatch(/sealing\.key\s+BAL-S005 error\s+is a folder/);
    putBack("sealing.key", kept.get(spoilt.keyFile) as string);
    expect(await start("spoilt")).toBeUndefined();
    expect((await status("spoilt")).exit).toBe(0);
    expect(readFileSync(FILES.instance, "utf8")).toBe(kept.get(FILES.instance));
    expect(readFileSync(FILES["api.token"], "utf8")).not.toBe(kept.get(FILES["api.token"]));
  });

  test("a mark of another instance is told as that, whatever is given up, and the store is as it was once the mark is right", async () => {
    await endControlPlane(spoilt);
    const [mark = "", none] = [kept.get(FILES.instance)?.trim(), "00000000"];
    putBack("instance", `${none}\n`);
    for (const giveUp of [{}, { BALLAST_GIVE_UP_LOST: "1" }]) {
      const refused = await start("spoilt", giveUp);
      expect(refused).toMatch(
        new RegExp(`instance\\s+BAL-S085 error\\s+says instance ${none}, and the store is of instance ${mark}; nothing was changed`),
      );
      expect(refused).toContain(`echo ${mark} > ${FILES.instance}`);
      expect(refused).not.toMatch(/lost|BAL-S007/);
      expect(readFileSync(FILES.instance, "utf8")).toBe(`${none}\n`);
    }
    putBack("instance", `${mark}\n`);
    expect(await start("spoilt")).toBeUndefined();
    expect((await status("spoilt")).exit).toBe(0);
  });
});
