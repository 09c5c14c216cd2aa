import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listingOf } from "./nft.ts";
import { type Wall, wantedTable } from "./rules.ts";
import { definitionOf, differences, type Listing, readListing, transactionTo } from "./table.ts";

const INNER: Wall = { bridge: "br-inner", stack: "acme/production", subnet: "10.1.0.0/27", leads: { to: "in" } };
const OUTER: Wall = { bridge: "br-outer", stack: "acme/production", subnet: undefined, leads: { to: "out", networks: ["10.20.0.0/24"] } };
const able = process.getuid?.() === 0 && spawnSync("unshare", ["--net", "nft", "list", "ruleset"]).status === 0;

/** A network of the test's own, with the real nft and the real kernel. */
describe.skipIf(!able)("the firewall as the kernel holds it", () => {
  let room: ChildProcess;
  beforeAll(() => {
    room = spawn("unshare", ["--net", "sleep", "600"], { stdio: "ignore" });
  });
  afterAll(() => {
    room.kill("SIGKILL");
  });
  const table = wantedTable("0a1b2c3d", [INNER, OUTER], ["10.0.0.53"]);
  const nft = (args: readonly string[], input = "") =>
    execFileSync("nsenter", [`--net=/proc/${room.pid}/ns/net`, "nft", ...args], { input }).toString();
  const found = () => readListing(nft(["--terse", "list", "table", "inet", table.name]));
  async function reference(of = table): Promise<Listing> {
    const told = await listingOf(of.name, definitionOf(of));
    if (!told.ok || told.listing === undefined) throw new Error("nft tells nothing");
    return told.listing;
  }
  const handle = (chain: string, words: string): string => {
    const line = nft(["--handle", "list", "chain", "inet", table.name, chain])
      .split("\n")
      .find((one) => one.includes(words));
    return /handle (\d+)$/.exec(line ?? "")?.[1] ?? "";
  };
  const put = async (seen: Listing | undefined) => nft(["--file", "-"], transactionTo(table, seen, await reference()));

  test("what was made is found as it is wanted", async () => {
    await put(undefined);
    expect(differences(found(), await reference())).toEqual([]);
  });

  const words = 'iifname "br-inner" oifname != "br-inner"';
  test.each<[string, () => string[]]>([
    ["replaced by an accept", () => ["replace", "rule", "inet", table.name, "forward", "handle", handle("forward", words), "accept"]],
    ["deleted", () => ["delete", "rule", "inet", table.name, "forward", "handle", handle("forward", words)]],
    ["put behind an accept", () => ["insert", "rule", "inet", table.name, "input", "accept"]],
    ["flushed", () => ["flush", "chain", "inet", table.name, "output"]],
    ["flushed as a table", () => ["flush", "table", "inet", table.name]],
    ["deprived of its hook", () => ["delete", "chain", "inet", table.name, "input"]],
    ["put to sleep", () => ["add", "table", "inet", table.name, "{ flags dormant ; }"]],
    [
      "joined by another chain",
      () => ["add", "chain", "inet", table.name, "other", "{ type filter hook input priority -20; policy drop; }"],
    ],
  ])("a rule that is %s is noticed, and repaired in one transaction", async (_, damage) => {
    const act = damage();
    if (act[0] === "delete" && act[1] === "chain") nft(["flush", "chain", "inet", table.name, "input"]);
    nft(act);
    const broken = found();
    expect(differences(broken, await reference())).not.toEqual([]);
    await put(broken);
    expect(differences(found(), await reference())).toEqual([]);
  });

  test("rules in another order are noticed", async () => {
    const verdict = 'oifname "br-inner" meta skuid 0 accept';
    nft(["delete", "rule", "inet", table.name, "output", "handle", handle("output", '"br-inner" meta skuid 0')]);
    nft(["add", "rule", "inet", table.name, "output", verdict]);
    expect(differences(found(), await reference())).toEqual(["chain output: the order of its rules"]);
    await put(found());
  });

  test("a network that comes or goes changes the rules, and the counters of the others stay the same objects", async () => {
    const counter = () =>
      /handle \d+/.exec(nft(["--handle", "list", "counter", "inet", table.name, "br-inner_machine"]).split("\n")[1] ?? "")?.[0];
    const before = counter();
    expect(before).toMatch(/handle/);
    const more = wantedTable("0a1b2c3d", [INNER, OUTER, { ...INNER, bridge: "br-more" }], ["10.0.0.53"]);
    nft(["--file", "-"], transactionTo(more, found(), await reference(more)));
    expect(differences(found(), await reference(more))).toEqual([]);
    await put(found());
    expect(differences(found(), await reference())).toEqual([]);
    expect(counter()).toBe(before);
  });

  test("a set that is not ours is noticed, and gone once the table is recreated", async () => {
    nft(["add", "set", "inet", table.name, "strange", "{ type ipv4_addr ; }"]);
    expect(differences(found(), await reference())).toEqual(["set strange is not ours"]);
    await put(found());
    expect(differences(found(), await reference())).toEqual([]);
  });
});
