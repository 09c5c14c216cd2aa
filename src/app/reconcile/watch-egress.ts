import type { Store } from "../../adapters/store/store.ts";
import type { LedgerEntry } from "../../domain/ledger/entry.ts";
import { nameOf } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import { type AttemptObservation, describeTry, NO_TRIES, type TryMemory, weighTries } from "../../domain/stack/tries.ts";
import type { Engine, GuardObservation } from "../../engines/engine.ts";
import { isSameJson } from "../../kernel/canonical.ts";
import type { Instant } from "../../kernel/instant.ts";

const SETTING = "ways-out";
const ACTOR = "reconciler";

/** What is kept of egress: who tried, and whether they are closed as far as is known. */
interface Kept {
  readonly memory: TryMemory;
  readonly walls: GuardObservation["walls"];
}

export interface EgressParts {
  readonly engine: Engine;
  readonly store: Pick<Store, "setting" | "writeDown">;
  readonly now: () => Instant;
}

/** Has egress closed again, and writes down who tried them since the last look. */
export async function watchEgress({ engine, store, now }: EgressParts, observations: readonly Observation[]): Promise<void> {
  if (engine.guard === undefined) return;
  const kept = await egressSeen(store);
  const memory = kept?.memory ?? NO_TRIES;
  const seen = await engine.guard(memory.since);
  const weighed = weighTries(memory, observationOf(seen, observations), now());
  const next: Kept = { memory: weighed.memory, walls: seen.walls };
  const entries: LedgerEntry[] = [];
  if (seen.repaired.length > 0 && kept !== undefined) {
    const reasons = [`rules of this machine's firewall were missing or others, and were put right: ${seen.repaired.join("; ")}`];
    entries.push({ actor: ACTOR, act: "firewall.repaired", subject: "fleet", reasons, evidence: {} });
  }
  for (const tried of weighed.tell) {
    const { stack, source, target, times } = tried;
    const evidence = { source, target, times };
    entries.push({ actor: ACTOR, act: "egress.refused", subject: stack, reasons: [describeTry(tried)], evidence });
  }
  await store.writeDown(entries, isSameJson(next, kept) ? undefined : { key: SETTING, value: next as never }, new Date(now()));
}

export async function egressSeen(store: Pick<Store, "setting">): Promise<Kept | undefined> {
  return (await store.setting<never>(SETTING)) as Kept | undefined;
}

/** Addresses and counters of containers by the names that people know them by. */
function observationOf({ refusals, counts }: GuardObservation, observations: readonly Observation[]): AttemptObservation {
  const present = observations.flatMap(({ stack, nodes }) =>
    [...nodes].flatMap(([id, observation]) =>
      observation.state === "present" ? [{ stack, name: nameOf(id), facts: observation.value.facts }] : [],
    ),
  );
  const byAddress = new Map(present.map(({ stack, name, facts }) => [`${stack} ${facts["address"]}`, name]));
  return {
    refusals: refusals.map(({ stack, at, address, target }) => ({
      stack,
      at,
      target,
      source: byAddress.get(`${stack} ${address}`) ?? address,
    })),
    counts: [
      ...counts.map((one) => ({ ...one, source: "something in it" })),
      ...present.flatMap(({ stack, name, facts }) =>
        facts["counting"] === undefined
          ? []
          : [
              {
                key: String(facts["counting"]),
                stack,
                source: name,
                target: "an address without a route",
                packets: Number(facts["noRoute"] ?? 0),
                under: String(facts["networks"]),
              },
            ],
      ),
    ],
  };
}
