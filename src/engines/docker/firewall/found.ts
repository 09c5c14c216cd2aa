import { chainName, HOOKS, type Met, type Part, type Rule } from "./rules.ts";

/** What `iptables-save -c` tells of the filter table: chain → its rules, each with its counters before it. */
export type FoundChains = ReadonlyMap<string, readonly string[]>;

export const PARTS = Object.keys(HOOKS) as readonly Part[];

export function readChains(saved: string): FoundChains {
  const chains = new Map<string, string[]>();
  for (const line of saved.split("\n")) {
    const chain = /^:(\S+) /.exec(line)?.[1];
    if (chain !== undefined) chains.set(chain, []);
    const [, counters = "", name = "", text = ""] = /^(\[\d+:\d+\]) -A (\S+) ?(.*)$/.exec(line) ?? [];
    if (name !== "") chains.get(name)?.push(`${counters} ${text}`);
  }
  return chains;
}

/** One rule that met somebody, with how many packets it met since it was made. */
export interface RuleCount {
  readonly stack: string;
  readonly bridge: string;
  readonly met: Met;
  readonly packets: number;
}

/** The counters of an installation, those of one network and meaning added up. */
export function countsOf(found: FoundChains, instance: string): readonly RuleCount[] {
  const sums = new Map<string, RuleCount>();
  for (const line of PARTS.flatMap((part) => found.get(chainName(instance, part)) ?? [])) {
    const [, packets, key = "", stack = "", bridge = "", met] =
      /^\[(\d+):\d+\] .*--comment "(ballast (\S+) (\S+) (machine|outside|private))"/.exec(line) ?? [];
    if (met === undefined) continue;
    sums.set(key, { stack, bridge, met: met as Met, packets: Number(packets) + (sums.get(key)?.packets ?? 0) });
  }
  return [...sums.values()];
}

/**
 * What makes the table as wanted, for `iptables-restore --noflush --counters`; undefined where it is so already. Our chains are asked before anything
 * else but those of other installations, which let pass what is not theirs.
 */
export function mendingOf(found: FoundChains, instance: string, wanted: Readonly<Record<Part, readonly Rule[]>>): string | undefined {
  const lines = PARTS.flatMap((part) => [
    ...(isFilled(found, chainName(instance, part), wanted[part]) ? [] : refill(found, chainName(instance, part), wanted[part])),
    ...hookLines(found, chainName(instance, part), HOOKS[part]),
  ]);
  if (lines.length === 0) return undefined;
  const declared = lines.filter((line) => line.startsWith(":"));
  const acts = lines.filter((line) => !line.startsWith(":"));
  return ["*filter", ...declared, ...acts, "COMMIT", ""].join("\n");
}

function isFilled(found: FoundChains, chain: string, wanted: readonly Rule[]): boolean {
  const rules = found.get(chain);
  return rules?.length === wanted.length && rules[0]?.endsWith(` ${wanted[0]?.text}`) === true;
}

/** Declaring a chain empties it. Counters go with the rule whose comment they stood at, so that no try is forgotten; the first of equal ones keeps them. */
function refill(found: FoundChains, chain: string, wanted: readonly Rule[]): readonly string[] {
  const kept = new Map((found.get(chain) ?? []).flatMap((line) => entryOf(line)));
  const rules = wanted.map(({ text, counts }) => {
    const key = counts === undefined ? "" : `${/^-d \S+/.exec(text)?.[0] ?? ""} ${counts}`;
    return `${kept.get(key) ?? "[0:0]"} -A ${chain} ${text}`;
  });
  return [`:${chain} - [0:0]`, ...rules];
}

function entryOf(line: string): readonly (readonly [string, string])[] {
  const [, counters, destination = "", counts] = /^(\[\d+:\d+\]) (-d \S+)?.*--comment "(ballast \S+ \S+ \w+)"/.exec(line) ?? [];
  return counters === undefined || counts === undefined ? [] : [[`${destination} ${counts}`, counters]];
}

function hookLines(found: FoundChains, chain: string, hook: string): readonly string[] {
  const rules = (found.get(hook) ?? []).map((line) => line.replace(/^\[\d+:\d+\] /, ""));
  const at = rules.indexOf(`-j ${chain}`);
  if (at >= 0 && rules.slice(0, at).every((rule) => rule.startsWith("-j BALLAST-"))) return [];
  return [...(at < 0 ? [] : [`-D ${hook} -j ${chain}`]), `-I ${hook} 1 -j ${chain}`];
}

/** What takes every chain of an installation away; undefined where there is none. */
export function removalOf(found: FoundChains, instance: string): string | undefined {
  const lines = PARTS.flatMap((part) => {
    const chain = chainName(instance, part);
    if (!found.has(chain)) return [];
    const hooks = (found.get(HOOKS[part]) ?? []).filter((line) => line.endsWith(` -j ${chain}`)).map(() => `-D ${HOOKS[part]} -j ${chain}`);
    return [...hooks, `-F ${chain}`, `-X ${chain}`];
  });
  return lines.length === 0 ? undefined : ["*filter", ...lines, "COMMIT", ""].join("\n");
}
