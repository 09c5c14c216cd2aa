import type { Problem } from "../../kernel/problem.ts";
import type { Fleet } from "../fleet/model.ts";
import type { DataRecords } from "../stack/data-record.ts";
import { KINDS } from "../stack/kinds/facts.ts";
import { isShared, type StackId, stackOf } from "../stack/node.ts";

const OWN = "servers of its own";

/** Where an environment is: the servers that hold its data, and the region whose ingress leads to it. */
export interface Placement {
  readonly address: StackId;
  /** Its address before its tenant was renamed. */
  readonly formerly?: StackId;
  /** `pool everyone`, or its own. */
  readonly servers: string;
  readonly region: string;
}

/** What is known of where environments are. */
export interface Placed {
  /** By the revision in force, and by those that declared what is still to be closed. */
  readonly declared: readonly Placement[];
  /** Of each stack whose data is remembered: the servers on which it lies. */
  readonly data: ReadonlyMap<StackId, string>;
}

export interface Move {
  readonly address: StackId;
  /** The address under which it is there. */
  readonly held: StackId;
  readonly field: "hosting" | "pool" | "region";
  readonly from: string;
  readonly to: string;
}

/** A refusal, with the first environment that it is about. */
export interface MoveProblem extends Problem {
  readonly address: StackId;
}

/** Where a fleet declares its environments. */
export function placementsIn({ tenants }: Pick<Fleet, "tenants">): readonly Placement[] {
  return tenants.flatMap(({ environments, renamedFrom }) =>
    environments.map((environment) => ({
      address: environment.address,
      ...(renamedFrom === undefined ? {} : { formerly: `${renamedFrom}/${environment.name}` }),
      servers: environment.hosting === "shared" ? `pool ${environment.pool}` : OWN,
      region: environment.region,
    })),
  );
}

/** On which servers the data lies that is remembered, by stack. */
export function serversOfData(records: DataRecords): ReadonlyMap<StackId, string> {
  const servers = new Map<StackId, string>();
  for (const { node, kind, declared } of records.values()) {
    const fixed = KINDS[kind].fixedUses ?? [];
    const used = declared.uses.find((edge) => fixed.includes(edge.as))?.to;
    if (used !== undefined) servers.set(stackOf(node), serversOf(stackOf(used)));
  }
  return servers;
}

function serversOf(stack: StackId): string {
  return isShared(stack) ? `pool ${stack.slice(stack.indexOf("/") + 1)}` : OWN;
}

/**
 * The environments that new files declare elsewhere than where they are: on other servers, or in another region. Pure. What stays declared as it is in
 * force is no new desired state, and what goes back to where its data lies is no move of it.
 */
export function movesOf({ declared, data }: Placed, after: readonly Placement[]): readonly Move[] {
  const known = new Map(declared.map((one) => [one.address, one]));
  return after.flatMap((wanted): readonly Move[] => {
    const { address, formerly = address } = wanted;
    const held = known.has(address) || data.has(address) ? address : formerly;
    const before = known.get(held);
    if (before !== undefined && isSame(before, wanted)) return [];
    const from = { servers: data.get(held) ?? before?.servers ?? wanted.servers, region: before?.region ?? wanted.region };
    return isSame(from, wanted) ? [] : [{ address, held, ...wayOf(from, wanted) }];
  });
}

type Where = Pick<Placement, "servers" | "region">;

function isSame(one: Where, other: Where): boolean {
  return one.servers === other.servers && one.region === other.region;
}

/** What differs, in words. */
function wayOf(from: Where, to: Where): Pick<Move, "field" | "from" | "to"> {
  if (from.servers === to.servers) return { field: "region", from: `region ${from.region}`, to: `region ${to.region}` };
  const field = from.servers === OWN || to.servers === OWN ? "hosting" : "pool";
  const words = ({ servers, region }: Where) => (from.region === to.region ? servers : `${servers} in region ${region}`);
  return { field, from: words(from), to: words(to) };
}

/** One refusal for all that would go the same way. @param placeOf where a field of an environment is declared. */
export function moveProblems(moves: readonly Move[], placeOf: (address: StackId, field: string) => string): readonly MoveProblem[] {
  const ways = Map.groupBy(moves, ({ from, to }) => `${from} → ${to}`);
  return [...ways.values()].flatMap((same): readonly MoveProblem[] => {
    const [first] = same;
    if (first === undefined) return [];
    const { address, field, from, to } = first;
    const names = same.slice(0, 10).map((one) => one.address);
    const who = `${names.join(", ")}${same.length > 10 ? ` and ${same.length - 10} more` : ""}`;
    const what =
      field === "region"
        ? "what leads to it and the authority that browsers trust would be others"
        : "its data would stay behind, since it does not move by itself";
    const message = `${who} would move from ${from} to ${to}: ${what}; this version cannot move it`;
    const hint = `nothing was changed; declare it in ${from} again. Another name of a pool or a region makes another one of it`;
    return [{ code: "BAL-A056", severity: "error", at: placeOf(address, field), address, message, hint }];
  });
}
