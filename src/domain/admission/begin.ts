import type { Instant } from "../../kernel/instant.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { StackId } from "../stack/node.ts";

/** An operation that somebody asks for, before anything is set. */
export interface Asked {
  readonly fleet: string;
  readonly id: string;
  readonly verb: "apply" | "remove" | "journey" | "rotate" | "stop";
  /** Missing where it is about the whole fleet. */
  readonly stack?: StackId;
  /** What it would do, by hash: the same files, parts and stack give the same. */
  readonly work: string;
  /** What it may do beyond that: outside of windows, or give up or adopt the data of a stack. */
  readonly beyond?: ReadonlySet<string>;
  /** The stacks that its files declare, for an apply. */
  readonly declares?: ReadonlySet<StackId>;
}

/** A running operation that a person began, or the reconciler. */
export interface Running {
  readonly id: string;
  readonly verb: string;
  readonly stack?: StackId;
  readonly work?: string;
  readonly beyond?: ReadonlySet<string>;
  readonly actor: string;
  readonly begunBy: "person" | "reconciler";
  readonly createdAt: Instant;
}

export interface Standing {
  readonly running: readonly Running[];
  /** Those that a stop ends: what joined them would end with them. */
  readonly ending?: ReadonlySet<string>;
  /** The operation that deletes the fleet, or has deleted it. */
  readonly deletion?: { readonly operation: string; readonly state: "running" | "done" };
  /** The stop that is in force, running or done: nothing but an apply was asked for since. */
  readonly stopped?: { readonly operation?: string };
  readonly now: Instant;
}

export type Beginning =
  | { readonly answer: "begin" }
  /** All of it is under way already: whoever asks gets that operation, and its result. */
  | { readonly answer: "join"; readonly operation: string }
  | { readonly answer: "refuse"; readonly problem: Problem };

/**
 * Decides whether an operation begins, before it sets anything. Pure. In order: a fleet that is deleted takes nothing but its deletion; the same work is joined;
 * a fleet that is being deleted takes nothing; a stopped one, and one that is being stopped, starts nothing until it is brought up; work that would be done
 * against other work on the same stacks is refused whole.
 */
export function mayBegin(asked: Asked, standing: Standing): Beginning {
  const { running, ending, deletion, now } = standing;
  const deletes = asked.verb === "remove" && asked.stack === undefined;
  if (deletion?.state === "done") return deletes ? { answer: "begin" } : refused(asked, isDeleted(deletion.operation));
  const same = running.find((one) => doesAllOf(asked, one) && ending?.has(one.id) !== true);
  if (same !== undefined) return { answer: "join", operation: same.id };
  if (deletion !== undefined) return refused(asked, isBeingDeleted(deletion.operation));
  // A deletion waits for what runs, which ends before its next change.
  if (deletes) return { answer: "begin" };
  const stop = stopOver(standing);
  if (stop !== undefined && startsInStopped(asked.verb)) return refused(asked, isStopped(asked, stop));
  const other = running.find((one) => isAgainst(asked, one));
  return other === undefined ? { answer: "begin" } : refused(asked, isBusy(asked, other, now));
}

/** Whether what runs does the same, and may do whatever the one that is asked for may: more than that was admitted already. */
function doesAllOf(asked: Asked, { verb, work, beyond }: Running): boolean {
  return verb === asked.verb && work === asked.work && [...(asked.beyond ?? [])].every((one) => beyond?.has(one) === true);
}

/** The stop that whatever starts now would run against. */
function stopOver({ running, stopped }: Standing): { readonly operation?: string; readonly ended: boolean } | undefined {
  const under = running.find(({ verb }) => verb === "stop");
  if (under !== undefined) return { operation: under.id, ended: false };
  return stopped === undefined ? undefined : { ...stopped, ended: true };
}

/** Whether this would start something in a fleet that is meant to stay stopped. An apply is how it is brought up again. */
function startsInStopped(verb: Asked["verb"]): boolean {
  switch (verb) {
    case "journey":
    case "rotate":
      return true;
    case "apply":
    case "remove":
    case "stop":
      return false;
    default:
      return verb satisfies never;
  }
}

/** Whether two pieces of work are about the same stacks, and one would undo or hinder what the other does. */
function isAgainst(asked: Asked, other: Running): boolean {
  switch (asked.verb) {
    case "apply":
      return other.verb === "remove" ? asked.declares?.has(other.stack ?? "") === true : isWork(other);
    case "rotate":
      return isWork(other) && overlaps(asked, other);
    case "remove":
      return other.verb === "remove" && overlaps(asked, other);
    case "journey":
    case "stop":
      return false;
    default:
      return asked.verb satisfies never;
  }
}

/** One of the two is about the whole fleet, or both about one stack. */
function overlaps(one: Pick<Asked, "stack">, other: Pick<Asked, "stack">): boolean {
  return one.stack === undefined || other.stack === undefined || one.stack === other.stack;
}

/** What the reconciler begins gives way by itself. */
function isWork({ verb, begunBy }: Running): boolean {
  return ["apply", "rotate", "stop"].includes(verb) && begunBy === "person";
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Nothing of what is refused was written down: its id would lead nowhere. */
function refused({ fleet, stack }: Asked, refusal: Refusal): Beginning {
  return { answer: "refuse", problem: { severity: "error", at: stack ?? fleet, ...refusal } };
}

function isDeleted(operation: string): Refusal {
  return {
    code: "BAL-W029",
    message: `nothing was begun: operation ${operation} has deleted the fleet, and its control plane is about to end`,
    hint: "where it does not end, finish with: ./ballast down FOLDER --delete-data; then ./ballast up makes the fleet again",
  };
}

function isBeingDeleted(operation: string): Refusal {
  return {
    code: "BAL-W029",
    message: `nothing was begun: operation ${operation} deletes the fleet`,
    hint: `follow it: ./ballast operations ${operation}`,
  };
}

function isStopped({ verb }: Asked, { operation, ended }: { readonly operation?: string; readonly ended: boolean }): Refusal {
  const by = operation === undefined ? "" : ` by operation ${operation}`;
  const how = ended ? `the fleet is stopped${by}` : `operation ${operation} stops the fleet`;
  return {
    code: "BAL-W076",
    message: `nothing was begun: ${how}, and ${verb} would start something of it`,
    hint: "bring it up first: ./ballast up",
  };
}

function isBusy(asked: Asked, { id, verb, work, beyond, actor, createdAt }: Running, now: Instant): Refusal {
  const seconds = Math.max(0, Math.round((now - createdAt) / 1000));
  const more = verb === asked.verb && work === asked.work ? [...(asked.beyond ?? [])].filter((one) => beyond?.has(one) !== true) : [];
  const differs = more.length === 0 ? "does something else" : `was begun without ${more.join(", ")}`;
  return {
    code: "BAL-W030",
    message: `nothing was begun or changed: ${verb} ${id} by ${actor} has run for ${seconds} s on the same stacks, and ${differs}`,
    hint: `follow it, and ask again after it: ./ballast operations ${id}`,
  };
}
