import { KINDS } from "./kinds/facts.ts";
import type { AnyNode, Edge, NodeId, NodeKind, StackId } from "./node.ts";
import { nameOf, nodeId, stackOf } from "./node.ts";
import type { Absent, Observation, ObservedNode, Seen, Stranger } from "./observation.ts";

/** What is known of an object that holds data, kept outside of it: that it was there. */
export interface DataRecord {
  readonly node: NodeId;
  readonly kind: NodeKind;
  /** ISO 8601. */
  readonly since: string;
  /** The operation that made it; missing where it was found. */
  readonly operation?: string;
  /** Tells this object from another one of the same name; missing until it was seen, or where an engine cannot tell. */
  readonly identity?: string;
  /** The node whose data this one is about to take over: it is not whole before that one is gone. */
  readonly takesOver?: NodeId;
  /** As it was declared when it was last seen. */
  readonly declared: Pick<AnyNode, "spec" | "uses">;
}

/** The node of a record, as it was declared when it was last seen: an engine that is asked for it says whether it could see it at all. */
export function nodeOf({ node, kind, declared }: DataRecord): AnyNode {
  return { id: node, kind, ...declared, from: [] } as unknown as AnyNode;
}

export type DataRecords = ReadonlyMap<NodeId, DataRecord>;

interface Used {
  readonly kind: NodeKind;
  readonly uses: readonly Edge[];
}

/** Whether the loss of this node would lose what people put into it, given everything that may use it. Ephemeral stacks are never remembered. */
export function isRemembered(node: Pick<AnyNode, "id" | "kind" | "spec">, others: Iterable<Used>): boolean {
  const facts = KINDS[node.kind];
  if (!facts.holdsData || stackOf(node.id).includes("~")) return false;
  const users = [...others].filter((other) => other.uses.some((edge) => edge.to === node.id)).map((other) => other.kind);
  return facts.reproducible?.(node.spec, users) !== true;
}

/** What is needed, beside its observation, to say what a stack has lost. */
export interface Memory {
  readonly records: DataRecords;
  /** What is wanted of the stack. */
  readonly wanted: readonly AnyNode[];
  /** The stack whose data this one takes over, and what was seen of it. */
  readonly former?: Observation;
  /** Servers of which the disk is known to be gone, with the reason: what was on them is gone with it. */
  readonly lostServers: ReadonlyMap<NodeId, string>;
  /** Whether a node came, went or became another one since the observation was asked for: what was seen of it then says nothing of what is remembered now. */
  readonly changedSince?: (node: NodeId) => boolean;
}

/** An observation in which what once held data and is gone is lost, not absent; and what there is to remember from now on. */
export interface Remembered {
  readonly seen: Observation;
  readonly keep: readonly Omit<DataRecord, "since">[];
  readonly forget: readonly NodeId[];
}

/** Holds what was seen of a stack against what is remembered of it. Pure; a stack of which nothing is remembered is as it was seen. */
export function remember(seen: Observation, memory: Memory): Remembered {
  const nodes = new Map(seen.nodes);
  const keep: Omit<DataRecord, "since">[] = [];
  const forget: NodeId[] = [];
  for (const { id, users } of candidates(seen, memory)) {
    const own = nodes.get(id) ?? { state: "absent" as const, at: seen.at };
    if (own.state === "present" && !isRemembered(own.value.declared, users)) continue;
    const verdict = judge(id, own, { ...memory, at: seen.at });
    if (verdict.observation.state !== "absent" || nodes.has(id)) nodes.set(id, verdict.observation);
    keep.push(...(verdict.keep ?? []));
    forget.push(...(verdict.forget ?? []));
  }
  return { seen: { ...seen, nodes }, keep, forget };
}

/** Nodes that may hold data: those that are wanted, those that are there, and those that are remembered. */
function candidates(seen: Observation, { records, wanted }: Memory): readonly { id: NodeId; users: readonly Used[] }[] {
  const there = [...seen.nodes.values()].flatMap((observation) => (observation.state === "present" ? [observation.value.declared] : []));
  const users: readonly Used[] = [...wanted, ...there];
  const known = [...records.values()].filter((record) => stackOf(record.node) === seen.stack);
  const all = new Map<NodeId, Pick<AnyNode, "id" | "kind" | "spec">>();
  for (const record of known) all.set(record.node, { id: record.node, kind: record.kind, spec: record.declared.spec } as AnyNode);
  for (const node of [...there, ...wanted]) all.set(node.id, node);
  return [...all.values()].filter((node) => isRemembered(node, users)).map(({ id }) => ({ id, users }));
}

interface Verdict {
  readonly observation: Seen<ObservedNode>;
  readonly keep?: readonly Omit<DataRecord, "since">[];
  readonly forget?: readonly NodeId[];
}

type Judging = Memory & { readonly at: number };

function judge(id: NodeId, own: Seen<ObservedNode>, memory: Judging): Verdict {
  if (own.state === "unknown" || own.state === "lost") return { observation: own };
  const record = memory.records.get(id);
  if (memory.changedSince?.(id) === true) return { observation: own.state === "absent" && record !== undefined ? undecided(memory) : own };
  if (record?.takesOver !== undefined) return judgeTakingOver(id, own, { ...memory, from: record.takesOver });
  if (own.state === "present") return judgePresent(own, record);
  if (record !== undefined) return { observation: goneAs(record, own, memory) };
  return { observation: judgeHeir(id, own, memory) };
}

/** The observation may be older than what is remembered: whether it is there is for the next look to say. */
function undecided({ at }: Judging): Seen<ObservedNode> {
  return { state: "unknown", since: at, because: "it was changed while it was looked at" };
}

function judgePresent(own: Extract<Seen<ObservedNode>, { state: "present" }>, record: DataRecord | undefined): Verdict {
  const { declared, facts } = own.value;
  const identity = identityOf(own.value);
  const seenNow = { node: declared.id, kind: declared.kind, declared: { spec: declared.spec, uses: declared.uses } };
  if (record === undefined) return { observation: own, keep: [{ ...seenNow, ...(identity === undefined ? {} : { identity }) }] };
  if (record.identity === undefined)
    return identity === undefined ? { observation: own } : { observation: own, keep: [{ ...record, identity }] };
  if (identity === record.identity) return { observation: own };
  if (KINDS[declared.kind].ifReplaced === "lost")
    return { observation: lost(record, `${heldSince(record)}, and what is there under its name is another one`, otherOne(own.value)) };
  const edit = { field: "identity", made: record.identity, found: identity ?? "none", repair: "report" } as const;
  return { observation: { ...own, value: { ...own.value, facts, edits: [...(own.value.edits ?? []), edit] } } };
}

function identityOf({ facts }: ObservedNode): string | undefined {
  const identity = facts["identity"];
  return identity === undefined ? undefined : String(identity);
}

/** One that has begun to take over what another name held: as long as that is there, it has to go on. */
function judgeTakingOver(
  id: NodeId,
  own: Absent | Extract<Seen<ObservedNode>, { state: "present" }>,
  memory: Judging & { from: NodeId },
): Verdict {
  const { from, records, former, at } = memory;
  const record = records.get(id) as DataRecord;
  const source = former?.stack === stackOf(from) ? former.nodes.get(from) : undefined;
  if (former?.stack === stackOf(from) && source?.state === "present") return { observation: { state: "absent", at } };
  if (source?.state === "unknown") return { observation: source };
  if (own.state === "absent") return { observation: goneAs(record, own, memory) };
  const { takesOver: _, ...whole } = record;
  return { observation: own, keep: [whole], forget: [from] };
}

/** One that was never there: new, unless it takes over what is lost under its former name. */
function judgeHeir(id: NodeId, own: Absent, memory: Judging): Seen<ObservedNode> {
  const { former, records } = memory;
  if (former === undefined) return own;
  const from = nodeId(former.stack, nameOf(id));
  const source = former.nodes.get(from);
  if (source?.state === "unknown" || source?.state === "lost") return source;
  const record = records.get(from);
  if (source?.state === "present" || record === undefined) return own;
  return memory.changedSince?.(from) === true ? undecided(memory) : goneAs(record, own, memory);
}

/** Absent is lost, unless the place in which it was cannot be looked into. */
function goneAs(record: DataRecord, own: Absent, { lostServers, wanted, at }: Judging): Seen<ObservedNode> {
  const server = record.declared.uses.find((edge) => edge.as === "sql")?.to;
  const serverLost = server === undefined ? undefined : lostServers.get(server);
  if (serverLost !== undefined) return lost(record, `${heldSince(record)} and is gone with ${server}: ${serverLost}`);
  if (own.hidden !== undefined) return { state: "unknown", since: at, because: own.hidden };
  const how = declaredElsewhere(record, wanted) ?? "and is gone";
  const instead = own.instead === undefined ? "" : `; in its place is ${own.instead.says}`;
  return lost(record, `${heldSince(record)} ${how}${instead}`, own.instead);
}

/** Where data was on other servers than it is declared on now, nobody has looked where it was: that it is not here does not mean that it is gone. */
function declaredElsewhere({ node, kind, declared }: DataRecord, wanted: readonly AnyNode[]): string | undefined {
  const now = wanted.find(({ id }) => id === node);
  const fixed = KINDS[kind].fixedUses ?? [];
  const [was, is] = [declared, now].map((one) => one?.uses.find((edge) => fixed.includes(edge.as))?.to);
  if (now === undefined || was === undefined || was === is) return undefined;
  return `on ${was}, and is declared on ${is ?? "nothing"} now, where it is not: declared on ${was} again, it is looked for there`;
}

function heldSince({ since }: DataRecord): string {
  return `held data since ${since.slice(0, 16).replace("T", " ")}Z`;
}

/** Another object with our labels: it can be taken for the stack's own as it is. */
function otherOne(found: ObservedNode): Stranger {
  const name = found.facts["volume"];
  const identity = identityOf(found);
  const removal = name === undefined ? "take it away" : `docker volume rm ${name}`;
  return { says: `another ${found.declared.kind}`, removal, adoptable: true, ...(identity === undefined ? {} : { identity }) };
}

function lost({ node, kind, since, declared }: DataRecord, because: string, instead?: Stranger): Seen<ObservedNode> {
  return {
    state: "lost",
    since: Date.parse(since),
    because,
    ...(instead === undefined ? {} : { instead }),
    declared: { id: node, kind, ...declared } as ObservedNode["declared"],
  };
}

/** Servers whose disk is remembered and is not there any more, in what was seen of their stack. */
export function lostDisks(seen: Observation, { records, changedSince }: Pick<Memory, "records" | "changedSince">): string | undefined {
  const disks = [...records.values()].filter((record) => record.kind === "volume" && stackOf(record.node) === seen.stack);
  const gone = disks.filter(
    ({ node }) => ["absent", "lost", undefined].includes(seen.nodes.get(node)?.state) && changedSince?.(node) !== true,
  );
  return gone.length > 0 && gone.length === disks.length ? `its disk ${gone[0]?.node} is gone` : undefined;
}

/** Nodes of a stack that once held data and are gone. */
export function lostIn(seen: Observation): readonly { readonly node: NodeId; readonly because: string }[] {
  return [...seen.nodes].flatMap(([node, observation]) => (observation.state === "lost" ? [{ node, because: observation.because }] : []));
}

/** The stacks of which data is remembered. */
export function rememberedStacks(records: DataRecords): ReadonlySet<StackId> {
  return new Set([...records.keys()].map(stackOf));
}
