import { expect, test } from "vitest";
import { formerChains, formerRemoval } from "./former-chains.ts";
import type { Answer } from "./program.ts";
import { type Rule, readCounterName, type Wall, wantedTable } from "./rules.ts";
import { definitionOf, differences, readListing, transactionTo } from "./table.ts";

const INSTANCE = "0a1b2c3d";
const INNER: Wall = { bridge: "br-inner", stack: "acme/production", subnet: "10.1.0.0/27", leads: { to: "in" } };
const OUTER: Wall = { bridge: "br-outer", stack: "acme/production", subnet: undefined, leads: { to: "out", networks: ["10.20.0.0/24"] } };
const REFUSE = "reject with icmpx type admin-prohibited";
const table = wantedTable(INSTANCE, [OUTER, INNER], ["10.0.0.53"]);

const told = ({ match, counter, verdict }: Rule) => `${match}${counter === undefined ? "" : ` (${counter})`} ${verdict}`;
const rulesOf = (chain: string, bridge: string) =>
  table.rules.filter((rule) => rule.chain === chain && rule.match.includes(bridge)).map(told);

test("answers of old connections are let through first, in every chain", () => {
  expect(table.rules.slice(3, 7).map((rule) => `${rule.chain}: ${told(rule)}`)).toEqual([
    "input: ct state established,related accept",
    "forward: ct state established,related accept",
    "output: ct state established,related accept",
    "output: ct status dnat accept",
  ]);
});

test("what stays in a network takes no place in the table of connections, and what is for many at once goes nowhere", () => {
  const listed = table.rules.filter(({ chain }) => chain === "prerouting").map(told);
  expect(listed).toEqual([
    'iifname "br-inner" meta nfproto ipv4 fib daddr type broadcast drop',
    'iifname "br-inner" meta nfproto ipv4 fib daddr type multicast drop',
    'iifname "br-inner" ip saddr 10.1.0.0/27 ip daddr 10.1.0.0/27 fib daddr type unicast notrack',
  ]);
  // Whatever asks for the state of a connection is about packets that cross from one network to another, or come from or go to the machine.
  const within = table.rules.filter(
    ({ match }) => match.includes("ct state new") && !/iifname != |oifname != |ip daddr|^oifname/.test(match),
  );
  expect(within).toEqual([]);
});

test("what comes from an inner network reaches neither the machine nor anybody beyond, and nobody enters it but by a published port", () => {
  expect(rulesOf("input", "br-inner")).toEqual([
    'iifname "br-inner" ct state invalid drop',
    'iifname "br-inner" tcp flags & (fin | syn | rst | ack) != syn accept',
    `iifname "br-inner" (br-inner_machine) ${REFUSE}`,
  ]);
  expect(rulesOf("forward", "br-inner")).toEqual([
    `iifname "br-inner" oifname != "br-inner" ct state new (br-inner_outside) ${REFUSE}`,
    `iifname != "br-inner" oifname "br-inner" ct state new ct status & dnat == 0 ${REFUSE}`,
  ]);
  expect(rulesOf("output", "br-inner")).toEqual(['oifname "br-inner" meta skuid 0 accept', `oifname "br-inner" ct state new ${REFUSE}`]);
});

test("a proxy reaches what is declared of the private, and nobody else's network", () => {
  const forward = rulesOf("forward", "br-outer");
  expect(forward.slice(0, 5)).toEqual([
    `iifname != "br-outer" oifname "br-outer" ct state new ct status & dnat == 0 ${REFUSE}`,
    'iifname "br-outer" ip daddr 10.0.0.53 udp dport 53 accept',
    'iifname "br-outer" ip daddr 10.0.0.53 tcp dport 53 accept',
    'iifname "br-outer" ip daddr 10.20.0.0/24 accept',
    `iifname "br-outer" ip daddr 0.0.0.0/8 ct state new (br-outer_private) ${REFUSE}`,
  ]);
  const all = table.rules.map(told);
  const entering = all.findIndex((rule) => rule.includes('iifname != "br-inner"'));
  expect(entering).toBeLessThan(all.indexOf('iifname "br-outer" ip daddr 10.20.0.0/24 accept'));
});

test("a table is told to nft with its counters, its chains and its rules", () => {
  const lines = definitionOf(wantedTable(INSTANCE, [INNER], [])).split("\n");
  expect(lines[0]).toBe("add table inet ballast_0a1b2c3d");
  expect(lines).toContain("add counter inet ballast_0a1b2c3d br-inner_machine");
  expect(lines).toContain(
    'add rule inet ballast_0a1b2c3d input iifname "br-inner" counter name br-inner_machine reject with icmpx type admin-prohibited',
  );
});

const LISTED = `table inet ballast_0a1b2c3d {
	counter br-inner_machine {
		packets 3 bytes 180
	}

	chain input {
		type filter hook input priority filter - 10; policy accept;
		ct state established,related accept
		iifname "br-inner" counter name "br-inner_machine" reject with icmpx admin-prohibited
	}
}
`;

test("counters are told by network and meaning, and no difference", () => {
  const listing = readListing(LISTED);
  expect([...listing.counters]).toEqual([["br-inner_machine", { packets: 3, bytes: 180 }]]);
  expect(readCounterName("br-inner_machine")).toEqual({ bridge: "br-inner", met: "machine" });
  expect(readCounterName("somebody_else")).toBeUndefined();
  expect(differences(listing, readListing(LISTED.replace("packets 3 bytes 180", "packets 0 bytes 0")))).toEqual([]);
});

test("each way to weaken a table is a difference", () => {
  const wanted = readListing(LISTED);
  const rule = '\t\tiifname "br-inner" counter name "br-inner_machine" reject with icmpx admin-prohibited\n';
  const answers = "\t\tct state established,related accept\n";
  const said = (from: string, to: string) => {
    expect(LISTED).toContain(from);
    return differences(readListing(LISTED.replace(from, to)), wanted);
  };
  expect(differences(undefined, wanted)).toEqual(["the table is missing"]);
  expect(said(rule, "")).toEqual(["chain input: 1 of its lines missing, 0 not ours"]);
  expect(said(rule, '\t\tiifname "br-inner" accept\n')).toEqual(["chain input: 1 of its lines missing, 1 not ours"]);
  expect(said(answers, `\t\taccept\n${answers}`)).toEqual(["chain input: 0 of its lines missing, 1 not ours"]);
  expect(said(answers + rule, rule + answers)).toEqual(["chain input: the order of its rules"]);
  expect(said(answers, answers + answers)).toEqual(["chain input: the order of its rules"]);
  expect(said("hook input", "hook forward")).toEqual(["chain input: 1 of its lines missing, 1 not ours"]);
  expect(said("\tcounter", "\tflags dormant\n\tcounter")).toEqual(["table: 0 of its lines missing, 1 not ours"]);
  expect(said("\tchain input", "\tchain other {\n\t\taccept\n\t}\n\tchain input")).toEqual(["chain other is not ours"]);
});

test("where only rules differ the chains are refilled and what was counted stays; otherwise all is recreated", () => {
  const found = readListing(LISTED);
  const wanted = readListing(LISTED.replace("br-inner_machine {", "br-other_machine {").replace("\t\tct state", "\t\tct  state"));
  expect(transactionTo(table, found, wanted).split("\n").slice(0, 6)).toEqual([
    "flush chain inet ballast_0a1b2c3d prerouting",
    "flush chain inet ballast_0a1b2c3d input",
    "flush chain inet ballast_0a1b2c3d forward",
    "flush chain inet ballast_0a1b2c3d output",
    "delete counter inet ballast_0a1b2c3d br-inner_machine",
    "add table inet ballast_0a1b2c3d",
  ]);
  const unhooked = readListing(LISTED.replace("hook input", "hook forward"));
  expect(transactionTo(table, unhooked, found).split("\n").slice(0, 2)).toEqual([
    "delete table inet ballast_0a1b2c3d",
    "add table inet ballast_0a1b2c3d",
  ]);
  expect(transactionTo(table, undefined, found)).toBe(definitionOf(table));
});

test("the chains of an earlier version are taken away, and nothing of anybody else", () => {
  const chain = `BALLAST-${INSTANCE}-IN`;
  const saved = `*filter\n:INPUT ACCEPT [0:0]\n:${chain} - [0:0]\n:BALLAST-ffffffff-IN - [0:0]\n-A INPUT -j BALLAST-ffffffff-IN\n-A INPUT -j ${chain}\n-A ${chain} -i br-inner -j REJECT\nCOMMIT\n`;
  expect(formerRemoval(saved, INSTANCE)).toBe(`*filter\n-D INPUT -j ${chain}\n-F ${chain}\n-X ${chain}\nCOMMIT\n`);
  expect(formerRemoval(saved.replaceAll(chain, "OTHER"), INSTANCE)).toBeUndefined();
});

test("chains of an earlier version that could not be seen or taken away are tried again, and asked for no more once they are gone", async () => {
  const saved: Answer = { ok: true, text: `*filter\n:BALLAST-${INSTANCE}-IN - [0:0]\nCOMMIT\n` };
  const locked: Answer = { ok: false, because: "another app is currently holding the xtables lock" };
  const answers = [locked, saved, locked, saved, { ok: true, text: "" } as const];
  const asked: string[] = [];
  const chains = formerChains(async (program) => {
    asked.push(program);
    return answers.shift() ?? locked;
  });
  const removed = [];
  for (let look = 0; look < 4; look++) removed.push(await chains.remove(INSTANCE));
  expect(removed).toEqual([false, false, true, false]);
  expect(asked).toEqual(["iptables-save", "iptables-save", "iptables-restore", "iptables-save", "iptables-restore"]);
});
