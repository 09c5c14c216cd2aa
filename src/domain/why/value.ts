import type { Effective, LoadedFleet, Source } from "../fleet/model.ts";
import type { PolicyProblem } from "../policy/check.ts";
import type { Because, Why } from "./answer.ts";

export interface ValueQuestion {
  readonly address: string;
  readonly value: Effective;
  readonly findings: readonly PolicyProblem[];
  readonly fleet: string;
}

/** Why a value is in force: who said so, where, and what would change it. */
export function whyValue(loaded: LoadedFleet, { address, value, findings, fleet }: ValueQuestion): Why {
  const { field, source, because } = value;
  const about = findings.filter((finding) => finding.address === address && mentions(finding, field));
  const place = placeOf(source) ?? loaded.placeOf(address);
  return {
    subject: `${address}#${field}`,
    about: "value",
    says: `${field} of ${address} is ${value.value}`,
    because: [{ text: said(source), at: place }, ...(because === undefined ? [] : [{ text: because }]), ...about.map(asBecause)],
    repair: [changing(source, { address, field }), ...about.flatMap((finding) => finding.hint ?? [])],
    next: [`ballast explain ${fleet} ${address}`, `ballast plan ${fleet}`],
  };
}

/** What is declared, and is no stack: a tenant, a calendar, a tier. */
export function whyDeclaration(
  loaded: LoadedFleet,
  { address, findings, facts, fleet }: { address: string; findings: readonly PolicyProblem[]; facts: readonly Because[]; fleet: string },
): Why {
  const about = findings.filter((finding) => finding.address === address);
  const place = loaded.placeOf(address);
  const builtIn = place === "built in";
  return {
    subject: address,
    about: "declaration",
    says: builtIn ? `${address} is built in, with ${loaded.effectiveOf(address).length} values` : `${address} is declared at ${place}`,
    because: [...facts, ...about.map(asBecause)],
    repair: about.flatMap((finding) => finding.hint ?? []),
    next: [`ballast explain ${fleet} ${address}`],
  };
}

function mentions({ message, hint = "" }: PolicyProblem, field: string): boolean {
  return [message, hint].some((words) => words.includes(field) || words.includes(field.split(".").at(-1) as string));
}

export function asBecause(finding: PolicyProblem): Because {
  return { text: `${finding.severity}: ${finding.message}`, rule: finding.code, at: finding.at };
}

function placeOf(source: Source): string | undefined {
  return source.kind === "file" || source.kind === "tier" || source.kind === "fleet" ? source.at : undefined;
}

function said(source: Source): string {
  switch (source.kind) {
    case "file":
      return "it is declared there";
    case "tier":
      return `tier ${source.tier} brings it`;
    case "pool":
      return `pool ${source.pool} brings it`;
    case "fleet":
      return "it follows from the fleet";
    case "default":
      return "nobody declares it, so the default is in force";
    default:
      return source satisfies never;
  }
}

function changing(source: Source, { address, field }: { readonly address: string; readonly field: string }): string {
  switch (source.kind) {
    case "file":
      return `write another ${field} at ${source.at}`;
    case "pool":
      return `declare ${field} for pool ${source.pool}, or for ${address} where that is allowed`;
    case "tier":
      return `declare ${field} for ${address}, or adjust tier ${source.tier}`;
    case "fleet":
    case "default":
      return `declare ${field} for ${address}`;
    default:
      return source satisfies never;
  }
}
