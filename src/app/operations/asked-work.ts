import type { OperationWork } from "../../adapters/store/operations.ts";
import type { StartOperation } from "../../api/contract/contract.ts";
import type { Running } from "../../domain/admission/begin.ts";
import { hashOf, type Json } from "../../kernel/canonical.ts";
import type { Launched } from "./launch.ts";

/** What an operation does, by hash, and what it may do beyond that. */
export interface AskedWork {
  readonly work: string;
  readonly beyond: ReadonlySet<string>;
}

/** A request as it is kept: its files are kept as a revision. */
export function withoutFiles(request: StartOperation): Launched {
  if (request.verb !== "apply") return request;
  const { files: _, ...rest } = request;
  return rest;
}

/**
 * What was answered, and the reason that was given, is no part of the work: once it is admitted, nobody is asked again. What it may do beyond its files is
 * counted by itself, so that whoever asks for less meets the work that does more.
 */
export function askedWork(request: Launched, revision: string | undefined): AskedWork {
  // A deletion is asked for with the name of what is deleted.
  const isWork = (member: string) => !BESIDE_THE_WORK.has(member) || (member === "confirmed" && request.verb === "remove");
  const work = Object.fromEntries(Object.entries(request).filter(([member]) => isWork(member)));
  return { work: hashOf({ ...work, revision: revision ?? null } as unknown as Json), beyond: beyondIn(request) };
}

const BESIDE_THE_WORK: ReadonlySet<string> = new Set(["id", "actor", "confirmed", "reallyNew", "override", "recreate", "adopt", "reason"]);

function beyondIn(request: Launched): ReadonlySet<string> {
  const override = "override" in request && request.override !== undefined;
  const { recreate = [], adopt = [] } = request.verb === "apply" ? request : {};
  return new Set([
    ...(override ? ["--now"] : []),
    ...recreate.map((stack) => `--recreate ${stack}`),
    ...adopt.map((stack) => `--adopt ${stack}`),
  ]);
}

/** What runs, as it is compared with what is asked for: by what was asked for then, where that is kept. */
export function toRunning({ id, verb, stack, request, actor, begunBy, createdAt }: OperationWork): Running {
  const { asked, revision, work } = request;
  const begun = { id, verb, actor, begunBy, createdAt, ...(stack === undefined ? {} : { stack }) };
  if (typeof asked === "object" && asked !== null)
    return { ...begun, ...askedWork(asked as unknown as Launched, typeof revision === "string" ? revision : undefined) };
  // What an earlier version began says no more than which files it applies.
  return { ...begun, work: typeof work === "string" ? work : hashOf({ verb, revision: revision ?? null }) };
}
