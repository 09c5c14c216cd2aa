import type { Instant } from "../../kernel/instant.ts";

/** What an environment's own database says of work that Odoo leaves undone. Counts are of the database and may be anything; names are bounded by the reader. */
export interface UndoneWork {
  readonly at: Instant;
  /** Modules that wait to be installed, upgraded or removed: while there are any, Odoo skips every scheduled action. */
  readonly modules: { readonly count: number; readonly names: readonly string[] };
  /** Scheduled actions that are due for long and that no process works on. */
  readonly actions: {
    readonly overdue: number;
    readonly oldestSeconds: number;
    /** For how long a process runs that should have done them: one that just began has a copy's or a night's actions to catch up with. */
    readonly runningSeconds: number;
  };
}

/** A scheduled action may wait for others and for the next poll, which comes each minute; after so long it was skipped. */
export const SKIPPED_AFTER_SECONDS = 900;
const NAMED = 3;

/** What of it degrades the environment, in words. */
export function describeUndone({ modules, actions }: UndoneWork): readonly string[] {
  const because: string[] = [];
  if (modules.count > 0) {
    const more = modules.count - Math.min(modules.names.length, NAMED);
    const names = modules.names.slice(0, NAMED).join(", ");
    const which = more > 0 ? `${names} and ${more} more` : names;
    because.push(`${modules.count} ${modules.count === 1 ? "module is" : "modules are"} pending (${which}): scheduled actions are skipped`);
  }
  const skipped = Math.min(actions.oldestSeconds, actions.runningSeconds);
  if (actions.overdue > 0 && skipped >= SKIPPED_AFTER_SECONDS) {
    const minutes = Math.floor(actions.oldestSeconds / 60);
    because.push(
      `${actions.overdue} scheduled ${actions.overdue === 1 ? "action is" : "actions are"} overdue, the oldest by ${minutes} min`,
    );
  }
  return because;
}
