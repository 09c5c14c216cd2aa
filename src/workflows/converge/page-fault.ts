import { setTimeout as pause } from "node:timers/promises";
import { judgePage } from "../../domain/health/page.ts";
import { entryOf } from "../../domain/stack/entry.ts";
import type { Stack } from "../../domain/stack/node.ts";
import type { Engine } from "../../engines/engine.ts";

const TRIES = 10;
const PAUSE_MS = 1000;
/** Who answers slowly, and with an error, is asked less often: this is part of a step whose time is limited. */
const MOST_MS = 25_000;

/**
 * Why the users of a stack get no page after it was changed; undefined where one was answered, and where it has no way in. An Odoo that was just started
 * answers otherwise for a moment, so it is asked for some seconds. One that is only too busy is no failed change.
 */
export async function pageFault(engine: Pick<Engine, "page">, stack: Stack, stacks: readonly Stack[]): Promise<string | undefined> {
  const entry = entryOf(stack, stacks);
  const end = performance.now() + MOST_MS;
  for (let tries = 1; ; tries++) {
    const page = await engine.page?.(stack, entry);
    const verdict = page === undefined ? undefined : judgePage(page);
    if (verdict?.state !== "down") return undefined;
    if (tries >= TRIES || performance.now() > end) return `changed, but its users get no page: ${verdict.because}`;
    await pause(PAUSE_MS);
  }
}
