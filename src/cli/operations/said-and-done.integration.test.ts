import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../test/support/api.ts";
import { simulatedHome } from "../../../test/support/simulated-home.ts";

/** What each verb says and how it ends, beside what is then true of the (simulated) machine. The tests go on from one another. */
const ROOT = join(import.meta.dirname, "..", "..", "..");
const ODOO = "acme/production/odoo";
const INGRESS = "platform/here/ingress";
const { around, installation, run, write, kill, close } = await simulatedHome("said");

beforeAll(() => write("fleet", readFileSync(join(ROOT, "examples/hello/fleet.yaml"), "utf8")));
afterAll(close);

const confirmed = (line: string) => `${line} --confirm hello --reason moved`;
const says = (text: string): string => expect.stringContaining(text) as string;

interface SavedWorld {
  readonly objects: readonly (readonly [string, { readonly condition: string }])[];
  readonly effects: readonly (readonly [string, number])[];
}

function world() {
  const saved = JSON.parse(readFileSync(join(installation, "world.json"), "utf8")) as SavedWorld;
  const conditions = new Map(saved.objects.map(([id, { condition }]) => [id, condition]));
  return {
    conditions,
    effects: new Map(saved.effects),
    all: [...conditions]
      .map(([id, condition]) => `${id} ${condition}`)
      .sort()
      .join("\n"),
  };
}
const effectsOn = (node: string) => world().effects.get(node) ?? 0;
const allEffects = () => [...world().effects.values()].reduce((sum, count) => sum + count, 0);

/** Somebody removes it by hand: the control plane finds that when it looks next. */
const vanish = (...nodes: readonly string[]) => writeFileSync(join(installation, "vanished"), nodes.join("\n"));

describe("twice in a row", () => {
  test("init writes a fleet once, and not over it", async () => {
    expect(await run("init other --tenants acme")).toMatchObject({ exit: 0, out: says("wrote other/fleet.yaml: fleet ") });
    const written = readFileSync(join(around, "other", "fleet.yaml"), "utf8");
    const again = await run("init other --tenants beta");
    expect(again).toMatchObject({ exit: 1, out: "", err: says("BAL-C016 error is there already; nothing was changed") });
    expect(readFileSync(join(around, "other", "fleet.yaml"), "utf8")).toBe(written);
  });

  test.each(["validate fleet", "explain fleet acme/production", "graph fleet", "calendar fleet", "why BAL-C041", "plan fleet"])(
    "%s says the same twice, and leaves nothing behind",
    async (line) => {
      const first = await run(line);
      expect([first.exit, first.out]).toEqual([0, expect.stringMatching(/./)]);
      expect(await run(line)).toEqual(first);
      expect(existsSync(installation)).toBe(false);
    },
  );

  test("render writes over its own project, and never over secrets", async () => {
    expect(await run("render fleet --engine compose --out project --with-secrets")).toMatchObject({ exit: 0, out: says("wrote ") });
    const again = await run("render fleet --engine compose --out project --with-secrets");
    expect(again).toMatchObject({ exit: 1, out: "", err: says("BAL-C016 error there are secrets already; nothing was written") });
    expect(await run("render fleet --engine compose --out project")).toMatchObject({ exit: 0, out: says("wrote ") });
  });

  test("render writes through no link, and over nothing but its own files", async () => {
    const elsewhere = join(around, "elsewhere.txt");
    writeFileSync(elsewhere, "somebody's own");
    const into = async (prepare: (at: string) => void, path = "compose.yaml") => {
      const folder = join(around, "into");
      rmSync(folder, { recursive: true, force: true });
      expect(await run("render fleet --engine compose --out into")).toMatchObject({ exit: 0, err: "" });
      rmSync(join(folder, path));
      prepare(join(folder, path));
      const { exit, err } = await run("render fleet --engine compose --out into");
      return [exit, err];
    };
    const refused = (path: string, is: string) => [1, says(`into/${path} BAL-C016 error is ${is} nothing was written`)];
    expect(await into((at) => symlinkSync(elsewhere, at))).toEqual(refused("compose.yaml", "a link where this would be written;"));
    expect(await into((at) => mkdirSync(at))).toEqual(refused("compose.yaml", "something else where this would be written;"));
    const others = refused("README.md", "there already, and no such project was written there;");
    expect(await into((at) => writeFileSync(at, "# my notes\n"), "README.md")).toEqual(others);
    expect(readFileSync(join(around, "into", "README.md"), "utf8")).toBe("# my notes\n");
    const inside = await run("render fleet --engine compose --out fleet/compose");
    expect(inside).toMatchObject({ exit: 2, err: says("BAL-C001 error fleet/compose lies in the fleet's folder") });
    expect(readFileSync(elsewhere, "utf8")).toBe("somebody's own");
  });

  test("a path that cannot be what it was named for is told as that, and not as a mistake of Ballast", async () => {
    writeFileSync(join(around, "plain"), "x");
    symlinkSync("loop.yaml", join(around, "loop.yaml"));
    const told = async (line: string) => {
      const { exit, err } = await run(line);
      return [exit, err.split("\n")[0]];
    };
    const because = (words: string) => [1, says(`BAL-C049 error cannot be used: ${words}`)];
    expect(await told("render fleet --engine compose --out plain")).toEqual(because("a part of it is no folder"));
    expect(await told("validate loop.yaml")).toEqual(because("it is a link that leads to itself"));
    expect(await told(`validate ${"a".repeat(300)}`)).toEqual(because("its name is longer than the system allows"));
    rmSync(join(around, "loop.yaml"));
  });

  test("down and down --delete-data of what was never here end at once", async () => {
    for (const line of ["down fleet", "down fleet --delete-data --confirm hello"])
      expect(await run(line)).toEqual({ exit: 0, out: "nothing of hello is here", err: "" });
  });

  test("up makes everything, then nothing; apply, plan and status agree", async () => {
    expect(await run("up fleet")).toMatchObject({ exit: 0, out: says("done: 20 changes made."), err: says("version 0.1.0, started") });
    const made = allEffects();
    expect(world().conditions.size).toBe(20);
    expect(await run("up fleet")).toMatchObject({ exit: 0, out: says("nothing differs; nothing was changed."), err: says(", found") });
    for (let time = 0; time < 2; time += 1)
      expect(await run("apply fleet")).toMatchObject({ exit: 0, out: "nothing differs; nothing was changed." });
    expect(await run("plan fleet --exit-code")).toMatchObject({
      exit: 0,
      out: says("nothing differs: 1 environment, 1 pool and 1 platform"),
    });
    expect(await run("status fleet")).toMatchObject({
      exit: 0,
      out: says("acme/production serving https://acme.hello.localhost:8443 drift none"),
    });
    expect(allEffects()).toBe(made);
  });

  test("rotate makes a new generation each time, and says so; outside of the window it is refused each time", async () => {
    const before = effectsOn("acme/production/admin-password");
    for (let time = 1; time <= 2; time += 1) {
      const rotated = await run("rotate fleet --only admin-password");
      expect(rotated).toMatchObject({ exit: 0, out: says("done: 2 changes made.") });
      expect(effectsOn("acme/production/admin-password")).toBe(before + time);
      const token = readFileSync(join(installation, "api.token"), "utf8");
      const own = await run("rotate fleet --only api-token");
      expect([own.exit, own.out]).toEqual([0, says(`api-token is recreated: ${join(installation, "api.token")}`)]);
      expect(readFileSync(join(installation, "api.token"), "utf8")).not.toBe(token);
    }
    const all = allEffects();
    for (let time = 0; time < 2; time += 1)
      expect(await run("rotate fleet")).toMatchObject({ exit: 1, out: "", err: says("BAL-A008 error") });
    expect(allEffects()).toBe(all);
  });

  test("a journey leaves nothing of its copy, however often it is run", async () => {
    const before = world().all;
    for (let time = 0; time < 2; time += 1) {
      expect(await run("journey fleet acme/production")).toMatchObject({ exit: 0, out: says("journey acme/production") });
      expect(world().all).toBe(before);
    }
  });

  test("server says that another leads, and does not serve beside it", async () => {
    const refused = await run("server --fleet-name hello --wait 0", "src/cli/main.ts");
    expect(refused).toEqual({ exit: 1, out: "", err: says("hello BAL-S006 error another control plane leads this fleet") });
  });

  test("service remove says that there is none", async () => {
    const none = { exit: 0, out: "ballast-hello.service is not installed", err: "" };
    for (let time = 0; time < 2; time += 1) expect(await run("service remove fleet")).toEqual(none);
  });
});

describe("with reality changed behind its back", () => {
  test("what is away is not new, not undrifted and not silent", async () => {
    vanish(ODOO);
    const planned = await run("plan fleet --exit-code");
    expect(planned).toMatchObject({ exit: 3, out: says("~ acme/production + odoo not there (fleet.yaml:30)") });
    expect(planned.out).toContain("1 to change, 0 to create");
    expect(await run("status fleet")).toMatchObject({ exit: 1, out: says(`acme/production down ${ODOO} is not there drift 1 missing`) });
    expect(await run("why fleet acme/production")).toMatchObject({ exit: 0, out: says("because odoo is absent acme/production/odoo") });
    const logs = await run(`logs fleet ${ODOO}`);
    expect(logs).toMatchObject({ exit: 1, out: "", err: says("BAL-C048 error it is not there, so there is no log of it") });
  });

  test("what goes between plan and apply is put back too, and what is printed is what was done", async () => {
    vanish(INGRESS);
    const before = allEffects();
    const applied = await run("apply fleet");
    expect([applied.exit, applied.out]).toEqual([0, "✔ platform/here 1 change made ✔ acme/production 1 change made done: 2 changes made."]);
    for (const node of [INGRESS, ODOO]) expect([applied.err, world().conditions.get(node)]).toEqual([says(`${node} created`), "serving"]);
    expect(allEffects()).toBe(before + 2);
    const back = await eventually("that its page is back", 30, async () => {
      const seen = await run("status fleet");
      return seen.exit === 0 ? seen : undefined;
    });
    expect(back.out).toContain("acme/production serving https://acme.hello.localhost:8443 drift none");
  });

  test("rotate says what else it found missing and made", async () => {
    vanish(ODOO);
    const rotated = await run("rotate fleet --only admin-password");
    expect(rotated).toMatchObject({ exit: 0, out: says("done: 3 changes made."), err: says(`${ODOO} created`) });
    expect(world().conditions.get(ODOO)).toBe("serving");
  });
});

describe("after kill -9 of the control plane", () => {
  let pid = 0;
  let before = "";
  beforeAll(() => {
    pid = kill();
    before = world().all;
  });

  test.concurrent.each([
    "status fleet",
    "plan fleet",
    "apply fleet",
    "logs fleet acme/production",
    "operations --fleet fleet",
    "why fleet acme/production",
    "why fleet op-1",
    "journey fleet acme/production",
    "rotate fleet",
  ])("%s says that none runs and what starts it", async (line) => {
    const none = "hello BAL-C007 error no control plane runs for this fleet → ./ballast up fleet";
    expect(await run(line)).toEqual({ exit: 4, out: "", err: none });
    expect(world().all).toBe(before);
  });

  test("where no fleet is named, the one that was killed is still found", async () => {
    const { exit, err } = await run("status");
    expect([exit, err]).toEqual([4, says("hello BAL-C007 error no control plane runs for this fleet → ./ballast up FOLDER")]);
  });

  test("the doctor says which process is gone", async () => {
    const { out } = await run("doctor", "src/cli/main.ts");
    expect(out).toContain(`hello: process ${pid} is gone; it did not end by itself → ballast up FOLDER starts it again`);
  });

  test("down starts another one and asks what it would ask of the first; up finds everything as it was", async () => {
    const refused = await run("down fleet");
    expect([refused.exit, refused.out, refused.err]).toEqual([
      1,
      "",
      says("BAL-A043 error stopping hello closes production of acme at once"),
    ]);
    kill();
    const up = await run("up fleet");
    expect(up).toMatchObject({ exit: 0, out: says("nothing differs; nothing was changed."), err: says("version 0.1.0, started") });
    expect(world().all).toBe(before);
  });

  test("down after it stops what runs, and says so once", async () => {
    kill();
    expect(await run(confirmed("down fleet"))).toMatchObject({ exit: 0, out: says("hello is stopped: 3 stacks; its data is kept:") });
    const stopped = world();
    expect([ODOO, INGRESS, "pool/everyone/postgres"].map((node) => stopped.conditions.get(node))).toEqual([
      "stopped",
      "stopped",
      "stopped",
    ]);
    const again = await run("down fleet");
    expect(again).toMatchObject({ exit: 0, out: says("hello was stopped already: nothing of its 3 stacks ran; its data is kept:") });
    expect(world().all).toBe(stopped.all);
    expect(await run("rotate fleet")).toMatchObject({ exit: 1, err: says("BAL-C110") });
  });

  test("down after two commands that both started a control plane leaves none that waits for the place", async () => {
    expect(await Promise.all([run("up fleet"), run("up fleet")])).toMatchObject([{ exit: 0 }, { exit: 0 }]);
    expect(await run(confirmed("down fleet"))).toMatchObject({ exit: 0 });
    // Whoever waited would lead within a second or two.
    await sleep(4000);
    expect(await run("status fleet")).toMatchObject({ exit: 1, err: says("BAL-C110") });
  });

  test("down --delete-data deletes what is there, and then finds nothing", async () => {
    const deleted = await run("down fleet --delete-data --confirm hello");
    const lost = says(
      "no backups exist: acme/production: its database and files, with every order, picking and invoice in them pool/everyone: data all",
    );
    expect(deleted).toMatchObject({ exit: 0, out: "hello is deleted, with its data and its passwords", err: lost });
    expect(existsSync(installation)).toBe(false);
    expect(await run("down fleet --delete-data --confirm hello")).toEqual({ exit: 0, out: "nothing of hello is here", err: "" });
    expect(await run("status fleet")).toMatchObject({ exit: 4, err: says("no control plane runs for this fleet") });
  });
});
