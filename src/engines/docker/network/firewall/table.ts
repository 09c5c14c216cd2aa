import { CHAINS, type ChainName, type Rule, type Table } from "./rules.ts";

/**
 * Before the chains of the Docker Engine and of most other programs (0): a packet that is refused here goes no further, one that is accepted is asked
 * everywhere else as well.
 */
const PRIORITY = -10;
/** Before the kernel looks for the connection of a packet (-200). */
const BEFORE_CONNECTIONS = -300;
const priorityOf = (chain: ChainName): number => (chain === "prerouting" ? BEFORE_CONNECTIONS : PRIORITY);

/** What nft tells of a table: "chain input", "set x", "counter y" → what stands between the braces, without the values of counters. */
export interface Listing {
  readonly objects: ReadonlyMap<string, string>;
  readonly counters: ReadonlyMap<string, { readonly packets: number; readonly bytes: number }>;
}

const VALUES = /packets (\d+) bytes (\d+)/g;

/** Reads `nft --terse list table`. */
export function readListing(text: string): Listing {
  const objects = new Map<string, string>();
  const counters = new Map<string, { packets: number; bytes: number }>();
  for (const [, kind = "", name = "", body = ""] of text.matchAll(/^\t(\w+) (\S+) \{\n([\s\S]*?)^\t\}$/gm)) {
    objects.set(`${kind} ${name}`, body.replace(VALUES, "packets 0 bytes 0"));
    const [values] = kind === "counter" ? body.matchAll(VALUES) : [];
    if (values !== undefined) counters.set(name, { packets: Number(values[1]), bytes: Number(values[2]) });
  }
  // What is not in braces of its own (flags, a comment, an object of a kind not known here) is one more object, so that nothing goes unseen.
  const rest = text.replace(/^\t(\w+) (\S+) \{\n([\s\S]*?)^\t\}$/gm, "").replace(/\n{2,}/g, "\n");
  return { objects: objects.set("table", rest.trim()), counters };
}

/** What differs between what nft tells and what it tells of the wanted table, in words; empty where nothing does. */
export function differences(found: Listing | undefined, wanted: Listing): readonly string[] {
  if (found === undefined) return ["the table is missing"];
  const names = [...new Set([...wanted.objects.keys(), ...found.objects.keys()])].sort();
  return names.flatMap((name) => {
    const [is, should] = [found.objects.get(name), wanted.objects.get(name)];
    if (is === should) return [];
    if (is === undefined) return [`${name} is missing`];
    if (should === undefined) return [`${name} is not ours`];
    return [`${name}: ${lineDifference(is, should)}`];
  });
}

function lineDifference(is: string, should: string): string {
  const [found, wanted] = [is, should].map((text) => text.split("\n")) as [string[], string[]];
  const missing = wanted.filter((line) => !found.includes(line)).length;
  const strange = found.filter((line) => !wanted.includes(line)).length;
  return missing + strange === 0 ? "the order of its rules" : `${missing} of its lines missing, ${strange} not ours`;
}

/** A whole table for `nft --file`, as in an empty machine. */
export function definitionOf(table: Table): string {
  return [`add table inet ${table.name}`, ...objectLines(table), ...table.rules.map((rule) => ruleLine(table, rule)), ""].join("\n");
}

function objectLines({ name, rules }: Table): readonly string[] {
  return [
    ...counterNames(rules).map((counter) => `add counter inet ${name} ${counter}`),
    ...CHAINS.map((chain) => `add chain inet ${name} ${chain} { type filter hook ${chain} priority ${priorityOf(chain)}; policy accept; }`),
  ];
}

function counterNames(rules: readonly Rule[]): readonly string[] {
  return [...new Set(rules.flatMap(({ counter }) => counter ?? []))].sort();
}

function ruleLine({ name }: Table, { chain, match, counter, verdict }: Rule): string {
  const count = counter === undefined ? "" : `counter name ${counter} `;
  return `add rule inet ${name} ${chain} ${match} ${count}${verdict}`;
}

/**
 * What makes the table as wanted in one transaction: at no moment are there fewer rules than before or after. Where only rules and counters differ,
 * counters keep their values; otherwise all is recreated.
 */
export function transactionTo(table: Table, found: Listing | undefined, wanted: Listing): string {
  const { name } = table;
  if (found === undefined) return definitionOf(table);
  if (!keepsItsObjects(found, wanted)) return `delete table inet ${name}\n${definitionOf(table)}`;
  const gone = [...found.counters.keys()].filter((counter) => !wanted.counters.has(counter));
  return [
    ...CHAINS.map((chain) => `flush chain inet ${name} ${chain}`),
    ...gone.map((counter) => `delete counter inet ${name} ${counter}`),
    definitionOf(table),
  ].join("\n");
}

/** Whether all but rules and counters is as wanted: the chains with their hooks, and nothing of anybody else. */
function keepsItsObjects(found: Listing, wanted: Listing): boolean {
  const lasting = ({ objects }: Listing) =>
    [...objects]
      .filter(([name]) => !name.startsWith("counter "))
      .map(([name, body]) => `${name} ${name.startsWith("chain ") ? headOf(body) : body}`);
  const [is, should] = [lasting(found).sort(), lasting(wanted).sort()];
  return is.length === should.length && is.every((one, index) => one === should[index]);
}

function headOf(chain: string): string {
  return chain.split("\n")[0] ?? "";
}

export function removalOf(name: string): string {
  return `delete table inet ${name}\n`;
}
