import { failure, type ProblemError } from "../../kernel/problem.ts";

const FULL = /No space left on device|ENOSPC|not enough free space|You don't have enough free space|disk quota exceeded/i;

/** True of words in which a tool, PostgreSQL, Odoo or Docker says that a disk is full. */
export function saysFull(words: string): boolean {
  return FULL.test(words);
}

/** A disk that is full: nothing of ours is removed to make room. */
export function fullDisk(at: string, words: string, cause?: unknown): ProblemError {
  return failure("BAL-E004", at, `the disk is full: ${words}`, {
    hint: "free some space in the folder of Docker or of Ballast (ballast doctor shows both), then apply again",
    ...(cause === undefined ? {} : { cause }),
  });
}
