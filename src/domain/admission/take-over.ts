import type { Problem } from "../../kernel/problem.ts";
import { isNamed } from "./closures.ts";

export interface Owner {
  readonly name: string;
  readonly email: string;
}

/** An environment that is declared again, under a name of which data is still here. */
export interface TakenUp {
  readonly address: string;
  /** As it is declared now. */
  readonly owner: Owner;
  /** ISO 8601; missing where nobody wrote it down. */
  readonly since?: string;
  /** As the revision said that declared it last; missing where nobody wrote it down. */
  readonly formerOwner?: Owner;
}

/** Data goes to another owner only where somebody typed the address of it. An owner that nobody wrote down is not asked about. Pure. */
export function unconfirmedTakeOvers(taken: readonly TakenUp[], confirmed: string | undefined): readonly Problem[] {
  const others = taken.filter(goesToAnother);
  const all = others.map(({ address }) => address).join(",");
  return others
    .filter(({ address }) => !isNamed(confirmed, address))
    .map((one) => ({
      code: "BAL-A060",
      severity: "error",
      at: one.address,
      message: `${takesUp(one)}; it is declared for another owner, ${ownerWords(one.owner)}`,
      hint: `--confirm ${all} gives them that data; to begin empty, delete it first: ballast down ${one.address} --delete-data`,
    }));
}

function goesToAnother({ owner, formerOwner }: TakenUp): boolean {
  return formerOwner !== undefined && (formerOwner.name !== owner.name || formerOwner.email !== owner.email);
}

/** `takes up data kept since 2026-11-20 of owner Weser GmbH <ops@weser.example>`. */
export function takesUp({ since, formerOwner }: Pick<TakenUp, "since" | "formerOwner">): string {
  const kept = since === undefined ? "data that was kept" : `data kept since ${since.slice(0, 10)}`;
  return `takes up ${kept} of ${formerOwner === undefined ? "an owner that was not recorded" : `owner ${ownerWords(formerOwner)}`}`;
}

function ownerWords({ name, email }: Owner): string {
  return `${name} <${email}>`;
}
