import { expect, test } from "vitest";
import { countsOf, mendingOf, readChains, removalOf } from "./found.ts";
import { type Wall, wantedChains } from "./rules.ts";

const INSTANCE = "0a1b2c3d";
const INNER: Wall = { bridge: "br-inner", stack: "acme/production", leads: { to: "in" } };
const OUTER: Wall = { bridge: "br-outer", stack: "acme/production", leads: { to: "out", networks: ["10.20.0.0/24"] } };
const EMPTY =
  ":INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n[9:540] -A INPUT -j ACCEPT\n[0:0] -A DOCKER-USER -j RETURN\n";

/** What a table tells after a restore: chains declared are emptied, rules appended, hooks taken away and put first. */
function restored(saved: string, mending: string): string {
  const chains = new Map([...readChains(saved)].map(([name, rules]) => [name, [...rules]]));
  for (const line of mending.split("\n")) {
    const [, act = "", chain = "", rest = ""] = /^(:|\[\d+:\d+\] -A |-I |-D )(\S+)(?: 1)? (.*)$/.exec(line) ?? [];
    const rules = chains.get(chain) ?? [];
    if (act === ":") chains.set(chain, []);
    else if (act === "-I ") chains.set(chain, [`[0:0] ${rest}`, ...rules]);
    else if (act === "-D ")
      chains.set(
        chain,
        rules.filter((rule) => !rule.endsWith(` ${rest}`)),
      );
    else if (act !== "") rules.push(`${act.replace(" -A", "")}${rest}`);
  }
  const told = ([name, rules]: [string, string[]]) => [`:${name} - [0:0]`, ...rules.map((rule) => rule.replace("] ", `] -A ${name} `))];
  return `${[...chains].flatMap(told).join("\n")}\n`;
}

const wanted = wantedChains(INSTANCE, [OUTER, INNER], ["10.0.0.53"]);

test("what comes from an inner network reaches neither the machine nor anybody beyond; a proxy's reaches what is declared of the private", () => {
  const texts = (part: "IN" | "FWD" | "OUT", bridge: string) =>
    wanted[part].map((rule) => rule.text.replace(/ -m comment --comment "[^"]*"/, "")).filter((text) => text.includes(bridge));
  expect([wanted.IN, wanted.FWD, wanted.OUT].map((rules) => rules[1]?.text)).toEqual([
    "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
    "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
    "-m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j RETURN",
  ]);
  const refuse = "-j REJECT --reject-with icmp-admin-prohibited";
  expect(texts("IN", "br-inner")).toEqual([
    "-i br-inner -m conntrack --ctstate INVALID -j DROP",
    "-i br-inner -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j RETURN",
    `-i br-inner ${refuse}`,
  ]);
  expect(texts("FWD", "br-inner")).toEqual([`-i br-inner ! -o br-inner -m conntrack --ctstate NEW ${refuse}`]);
  expect(texts("FWD", "br-outer").slice(0, 4)).toEqual([
    "-d 10.0.0.53/32 -i br-outer -p udp -m udp --dport 53 -j RETURN",
    "-d 10.0.0.53/32 -i br-outer -p tcp -m tcp --dport 53 -j RETURN",
    "-d 10.20.0.0/24 -i br-outer -j RETURN",
    `-d 0.0.0.0/8 -i br-outer -m conntrack --ctstate NEW ${refuse}`,
  ]);
  expect(texts("OUT", "br-outer")).toEqual([
    "-o br-outer -m owner --uid-owner 0 -j RETURN",
    `-o br-outer -m conntrack --ctstate NEW ${refuse}`,
  ]);
});

test("once in force nothing is left to mend; what was flushed, cut or put behind others is put back", () => {
  const first = mendingOf(readChains(EMPTY), INSTANCE, wanted) as string;
  const inForce = restored(EMPTY, first);
  expect(mendingOf(readChains(inForce), INSTANCE, wanted)).toBeUndefined();
  const chain = `BALLAST-${INSTANCE}-IN`;
  const flushed = inForce.replace(new RegExp(`^\\[.*-A ${chain} .*\n`, "gm"), "");
  const cut = inForce.replace(new RegExp(`^\\[.*-A ${chain} -i br-inner .*REJECT.*\n`, "m"), "");
  const behind = inForce
    .replace(`[0:0] -A INPUT -j ${chain}\n`, "")
    .replace("-A INPUT -j ACCEPT\n", `-A INPUT -j ACCEPT\n[0:0] -A INPUT -j ${chain}\n`);
  const unhooked = inForce.replace(`[0:0] -A INPUT -j ${chain}\n`, "");
  for (const broken of [flushed, cut, behind, unhooked]) {
    expect(broken).not.toBe(inForce);
    const mending = mendingOf(readChains(broken), INSTANCE, wanted) as string;
    expect(mendingOf(readChains(restored(broken, mending)), INSTANCE, wanted)).toBeUndefined();
  }
});

test("another installation's chains may stand before ours without a quarrel", () => {
  const inForce = restored(EMPTY, mendingOf(readChains(EMPTY), INSTANCE, wanted) as string);
  const other = wantedChains("ffffffff", [INNER], []);
  const both = restored(inForce, mendingOf(readChains(inForce), "ffffffff", other) as string);
  expect([mendingOf(readChains(both), INSTANCE, wanted), mendingOf(readChains(both), "ffffffff", other)]).toEqual([undefined, undefined]);
});

test("counters are told by network and meaning, and outlive a change of the rules", () => {
  const inForce = restored(EMPTY, mendingOf(readChains(EMPTY), INSTANCE, wanted) as string)
    .replace("[0:0] -A BALLAST-0a1b2c3d-IN -i br-inner -m comment", "[3:180] -A BALLAST-0a1b2c3d-IN -i br-inner -m comment")
    .replace("[0:0] -A BALLAST-0a1b2c3d-FWD -d 10.0.0.0/8", "[2:120] -A BALLAST-0a1b2c3d-FWD -d 10.0.0.0/8")
    .replace("[0:0] -A BALLAST-0a1b2c3d-FWD -d 192.168.0.0/16", "[1:60] -A BALLAST-0a1b2c3d-FWD -d 192.168.0.0/16");
  const told = (saved: string) => countsOf(readChains(saved), INSTANCE).filter((one) => one.packets > 0);
  const expected = [
    { stack: "acme/production", bridge: "br-inner", met: "machine", packets: 3 },
    { stack: "acme/production", bridge: "br-outer", met: "private", packets: 3 },
  ];
  expect(told(inForce)).toEqual(expected);
  const more = wantedChains(INSTANCE, [OUTER, INNER, { ...INNER, bridge: "br-zzz", stack: "beta/production" }], ["10.0.0.53"]);
  expect(told(restored(inForce, mendingOf(readChains(inForce), INSTANCE, more) as string))).toEqual(expected);
});

test("with the last network every chain and hook is taken away, and nothing of anybody else", () => {
  const inForce = restored(EMPTY, mendingOf(readChains(EMPTY), INSTANCE, wanted) as string);
  const removal = removalOf(readChains(inForce), INSTANCE) as string;
  expect(removal.split("\n").filter((line) => !line.includes(`BALLAST-${INSTANCE}-`))).toEqual(["*filter", "COMMIT", ""]);
  expect(removal.split("\n").filter((line) => line.startsWith("-D")).length).toBe(3);
  expect(removalOf(readChains(EMPTY), INSTANCE)).toBeUndefined();
});
