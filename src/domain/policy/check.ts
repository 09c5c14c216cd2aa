import { inOrderOfPlace } from "../../kernel/in-order.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { LoadedFleet } from "../fleet/model.ts";
import { type Waiver, waiverFor } from "../fleet/waiver.ts";
import type { AnyNode, NodeId } from "../stack/node.ts";
import { stackOf } from "../stack/node.ts";
import { RULES } from "./list.ts";
import type { Finding, PolicyRule, PolicyView } from "./rule.ts";

/** A finding as it is shown. A waived one is a note that says who bears it and until when; it is never hidden. */
export interface PolicyProblem extends Problem {
  readonly address: string;
  readonly waived?: { readonly waiver: string; readonly ticket: string; readonly expiresAt: string };
}

/** The code of the runner's own note about waivers that nothing needs. */
export const NEEDLESS_WAIVER = "BAL-P099";

/** Asks every rule, in the order of the places that the findings are about. Pure: the same view gives the same findings. */
export function checkPolicies(view: PolicyView, rules: readonly PolicyRule[] = RULES): readonly PolicyProblem[] {
  const used = new Set<string>();
  const problems = rules.flatMap((rule) =>
    rule.check(view).map((finding) => {
      const waiver = waiverFor(view.loaded.fleet, rule.code, finding.address, view.today);
      if (waiver !== undefined) used.add(`${waiver.rule} ${waiver.scope}`);
      return asProblem(view, rule, { finding, waiver });
    }),
  );
  return inOrderOfPlace([...problems, ...needlessWaivers(view, rules, used)]);
}

function asProblem(
  view: PolicyView,
  { code, severity }: PolicyRule,
  { finding, waiver }: { readonly finding: Finding; readonly waiver: Waiver | undefined },
): PolicyProblem {
  const { address, message, hint } = finding;
  const words = `${address}: ${message}`;
  const base = { code, at: placeOf(view, finding), address } as const;
  if (waiver === undefined) return { ...base, severity, message: words, hint };
  const { name, ticket, expiresAt, reason } = waiver;
  return {
    ...base,
    severity: "note",
    message: `${words} (waived until ${expiresAt}, ${ticket}: ${reason})`,
    waived: { waiver: name, ticket, expiresAt },
  };
}

/** Where the value was written: the field itself, the tier or pool that brought it, else the declaration of the address or node. */
function placeOf({ loaded, stacks }: PolicyView, { address, field }: Finding): string {
  if (field !== undefined) {
    const written = writtenAt(loaded, address, field);
    if (written !== undefined) return written;
  }
  return nodeOf(stacks, address)?.from[0]?.at ?? loaded.placeOf(address);
}

function writtenAt(loaded: LoadedFleet, address: string, field: string): string | undefined {
  const source = loaded.sourceOf(address, field);
  if (source?.kind === "file") return source.at;
  const carrier = source?.kind === "tier" || source?.kind === "pool" ? source.kind : undefined;
  if (carrier === undefined || carrier === field) return undefined;
  const chosen = loaded.sourceOf(address, carrier);
  return chosen?.kind === "file" ? chosen.at : undefined;
}

function nodeOf(stacks: PolicyView["stacks"], id: NodeId): AnyNode | undefined {
  return stacks.get(stackOf(id))?.nodes.find((node) => node.id === id);
}

/** A waiver that nothing needs would hide the day on which something does. Expired ones are told of elsewhere. */
function needlessWaivers(view: PolicyView, rules: readonly PolicyRule[], used: ReadonlySet<string>): readonly PolicyProblem[] {
  const { loaded, today } = view;
  const needless = loaded.fleet.waivers.filter((waiver) => waiver.expiresAt >= today && !used.has(`${waiver.rule} ${waiver.scope}`));
  return needless.map(({ name, rule, scope, ticket }) => {
    const address = `waiver/${name}`;
    const known = rules.some((one) => one.code === rule);
    const why = known ? `${rule} finds nothing at ${scope}` : `there is no rule ${rule}`;
    const at = placeOf(view, { address, field: "rule", message: "", hint: "" });
    const hint = known ? `remove it and close ${ticket}` : "ballast why CODE tells about a rule; docs/reference.md lists all";
    return { code: NEEDLESS_WAIVER, severity: "note", at, address, message: `${address}: matches nothing, ${why}`, hint };
  });
}
