import type { Store } from "../../adapters/store/store.ts";
import type { LedgerEntry } from "../../domain/ledger/entry.ts";
import { entryOf } from "../../domain/stack/entry.ts";
import type { Stack, StackId } from "../../domain/stack/node.ts";
import { type Asked, type CertificateFault, isTimeToAsk, judgeCertificate, timeToAsk } from "../../domain/stack/served-certificate.ts";
import type { Engine } from "../../engines/engine.ts";
import { isSameJson } from "../../kernel/canonical.ts";
import type { Instant } from "../../kernel/instant.ts";

const SETTING = "certificates";
const ACTOR = "reconciler";
const LOOK_EVERY_MS = 10 * 60_000;
const TELL_EVERY_MS = 86_400_000;
const MISSING = "BAL-E013";

/** Which fault of a stack was written down when, and how often it was asked again for a certificate that has not come. */
interface Known {
  readonly code: string;
  readonly at: Instant;
  readonly asked?: Asked;
}
type Told = Readonly<Record<StackId, Known>>;

export interface CertificateParts {
  readonly engine: Pick<Engine, "served" | "askForCertificates">;
  readonly store: Pick<Store, "setting" | "writeDown">;
  readonly now: () => Instant;
}

/**
 * What is wrong with the certificate that the ingress serves now, as a stack's own or for its host; undefined where nothing is, or where it has none, and
 * `unknown` where none can be read, such as while the ingress is away.
 */
export async function certificateFault(
  { engine, now }: Omit<CertificateParts, "store">,
  stack: Stack,
  stacks: readonly Stack[],
): Promise<CertificateFault | "unknown" | undefined> {
  const served = await engine.served?.(stack, entryOf(stack, stacks)).catch(() => "unknown" as const);
  return served === undefined || served === "unknown" ? served : judgeCertificate(served, now());
}

/** Looks from time to time, writes a fault down when it is new and once a day while it lasts, and has what has not come asked for again. */
export function createCertificateWatch(parts: CertificateParts): (stacks: readonly Stack[]) => Promise<void> {
  let [lookedAt, lookNext] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return async (stacks) => {
    const at = parts.now();
    if (parts.engine.served === undefined || (at >= lookedAt && at < lookNext)) return;
    [lookedAt, lookNext] = [at, at + LOOK_EVERY_MS];
    const told = ((await parts.store.setting<never>(SETTING)) as Told | undefined) ?? {};
    const next: Record<StackId, Known> = {};
    const entries: LedgerEntry[] = [];
    for (const stack of stacks) {
      const { kept, entry } = await judged(parts, { stack, stacks, at }, told[stack.id]);
      if (kept !== undefined) next[stack.id] = kept;
      if (entry !== undefined) entries.push(entry);
    }
    // Also where they could not be asked for: what is wrong is told all the same.
    try {
      await askForMissing(parts, next);
    } finally {
      await parts.store.writeDown(entries, isSameJson(next, told) ? undefined : { key: SETTING, value: next as never }, new Date(at));
    }
    lookNext = Math.min(lookNext, ...missingIn(next).map(({ asked }) => timeToAsk(asked)));
  };
}

/** What is known of a stack's certificate after this look, and what to write down where it is new (`entry`); what cannot be read is known as before. */
async function judged(
  parts: CertificateParts,
  { stack, stacks, at }: { readonly stack: Stack; readonly stacks: readonly Stack[]; readonly at: Instant },
  before: Known | undefined,
): Promise<{ readonly kept?: Known; readonly entry?: LedgerEntry }> {
  const fault = await certificateFault(parts, stack, stacks);
  if (fault === "unknown") return before === undefined ? {} : { kept: before };
  if (fault === undefined) return {};
  const next = known(before, fault, at);
  if (next.at === before?.at) return { kept: next };
  const entry = { actor: ACTOR, act: "certificate.faulty", subject: stack.id, reasons: [fault.says], evidence: { code: fault.code } };
  return { kept: next, entry };
}

function known(before: Known | undefined, { code }: CertificateFault, at: Instant): Known {
  const same = before?.code === code;
  if (same && !isDue(before, code, at)) return before;
  const asked = (same ? before.asked : undefined) ?? { times: 0, at };
  return { code, at, ...(code === MISSING ? { asked } : {}) };
}

function missingIn(next: Readonly<Record<StackId, Known>>) {
  return Object.entries(next).flatMap(([stack, one]) => (one.asked === undefined ? [] : [{ stack, one, asked: one.asked }]));
}

/** One question is for all hosts that have none, so the one who waited longest decides for all. */
async function askForMissing({ engine, now }: CertificateParts, next: Record<StackId, Known>): Promise<void> {
  const missing = missingIn(next);
  if (!missing.some(({ asked }) => isTimeToAsk(asked, now()))) return;
  await engine.askForCertificates?.();
  for (const { stack, one, asked } of missing) next[stack] = { ...one, asked: { times: asked.times + 1, at: now() } };
}

/** Another fault, a day that passed, or a clock that was put back. */
function isDue(before: { readonly code: string; readonly at: Instant }, code: string, at: Instant): boolean {
  return before.code !== code || at < before.at || at - before.at >= TELL_EVERY_MS;
}
