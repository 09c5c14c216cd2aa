import type { OperationWork } from "../adapters/store/operations.ts";
import type { StartOperation } from "../api/contract/contract.ts";
import type { Running } from "../domain/admission/begin.ts";
import { hashOf, type Json } from "../kernel/canonical.ts";
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
  const { id: _id, actor: _actor, ...rest } = request;
  return { work: hashOf({ ...workOnly(rest), revision: revision ?? null } as unknown as Json), beyond: beyondIn(request) };
}

function workOnly(request: object): object {
  const {
    confirmed,
    reallyNew: _new,
    override: _override,
    recreate: _recreate,
    adopt: _adopt,
    reason: _reason,
    ...rest
  } = request as Loose;
  // A deletion is asked for with the name of what is deleted.
  return rest.verb === "remove" && confirmed !== undefined ? { ...rest, confirmed } : rest;
}

interface Loose {
  readonly verb?: unknown;
  readonly confirmed?: unknown;
  readonly reallyNew?: unknown;
  readonly override?: unknown;
  readonly recreate?: readonly string[];
  readonly adopt?: readonly string[];
  readonly reason?: unknown;
}

function beyondIn(request: object): ReadonlySet<string> {
  const { override, recreate = [], adopt = [] } = request as Loose;
  return new Set([
    ...(override === undefined ? [] : ["--now"]),
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
