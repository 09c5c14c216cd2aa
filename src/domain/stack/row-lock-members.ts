import type { Ending, SharedSession } from "./shared-session.ts";

/** Segments of the space of members that there can be: 2^32 members, 1,636 on a page, 32 pages in a segment (PostgreSQL, multixact.c). */
const ALL_SEGMENTS = 2 ** 32 / (1636 * 32);
/** Of rows that several lock at once PostgreSQL notes each of them, in one space for the whole server. Half of it is where autovacuum begins to hurry. */
const MOST_SHARE = 0.25;
/** Who is one of fifty, or seldom, in what was noted last does not fill it. */
const LEAST_SAMPLES = 3;

/** Whether the space fills, by the segments that it takes on disk. */
export function membersFill(segments: number): boolean {
  return segments > ALL_SEGMENTS * MOST_SHARE;
}

/** How often a session was found among the members that were noted last. */
export interface MemberSample {
  readonly session: SharedSession;
  readonly samples: number;
}

/** Who is ended: sessions of the database from which more of those that were found came than from all others together. */
export function endingsOfMembers(segments: number, found: readonly MemberSample[]): readonly Ending[] {
  if (!membersFill(segments)) return [];
  const others = found.filter(({ session }) => !session.superuser && !session.worker);
  const of = others.reduce((sum, { samples }) => sum + samples, 0);
  const byDatabase = Map.groupBy(others, ({ session }) => session.database);
  const filler = [...byDatabase.values()].find((own) => own.reduce((sum, { samples }) => sum + samples, 0) * 2 > of) ?? [];
  const share = Math.floor((segments / ALL_SEGMENTS) * 100);
  const because = `it locked rows together with others of its database, for which ${share} % of the room that the server has for everybody was taken`;
  return filler.filter(({ samples }) => samples >= LEAST_SAMPLES).map(({ session }) => ({ session, held: "members", because }));
}
