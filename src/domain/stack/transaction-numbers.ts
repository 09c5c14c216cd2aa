import type { Ending, SharedSession } from "./shared-session.ts";

/** How many numbers of transactions (of any, and of those that several hold at once) were given since the oldest that a database still needs. */
export interface NumbersOfDatabase {
  readonly database: string;
  readonly age: number;
  readonly sharedAge: number;
}

/** PostgreSQL refuses every write on the whole server three million before this many (`xidStopLimit`, varsup.c). */
export const ALL_NUMBERS = 2 ** 31;
/**
 * Five times the age at which autovacuum begins to free them, whoever forbids it (`autovacuum_freeze_max_age`), and less than half of all: even the fastest,
 * half a million a second, leaves half an hour to free them in.
 */
const MOST_AGE = 1_000_000_000;

/** The databases that keep too many: a session in them has a transaction open, or temporary tables, which only its end frees. */
export function keepingNumbers(all: readonly NumbersOfDatabase[]): readonly NumbersOfDatabase[] {
  return all.filter(({ age, sharedAge }) => Math.max(age, sharedAge) > MOST_AGE);
}

/** Everybody in such a database is ended: of temporary tables nobody outside of a session can tell. Superusers never are. */
export function endingsOfNumbers({ age, sharedAge }: NumbersOfDatabase, sessions: readonly SharedSession[]): readonly Ending[] {
  const share = Math.floor((Math.max(age, sharedAge) / ALL_NUMBERS) * 100);
  const because = `its database kept ${share} % of the numbers of transactions that the server has for everybody`;
  return sessions.filter(({ superuser, worker }) => !superuser && !worker).map((session) => ({ session, held: "numbers", because }));
}
