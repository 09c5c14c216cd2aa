import type { Instant } from "../../kernel/instant.ts";
import type { WindowState } from "../admission/admit.ts";
import type { Calendar } from "../calendar/calendar.ts";
import { formatInstant } from "../calendar/format.ts";
import { stateOfAll } from "../calendar/state.ts";
import type { LoadedFleet } from "../fleet/model.ts";
import type { Stack, StackId } from "../stack/node.ts";
import { stackOf } from "../stack/node.ts";

/** The production environments that feel it when a stack is closed: itself, or all that use it. */
export function productionOn(
  loaded: LoadedFleet,
  stacks: ReadonlyMap<StackId, Stack>,
  stack: StackId,
): readonly { readonly address: string; readonly calendar: string }[] {
  const production = loaded.fleet.tenants.flatMap((tenant) =>
    tenant.environments.filter((environment) => environment.name === "production"),
  );
  return production.filter((environment) => environment.address === stack || uses(stacks.get(environment.address), stack));
}

function uses(user: Stack | undefined, stack: StackId): boolean {
  return user?.nodes.some((node) => node.uses.some((edge) => stackOf(edge.to) === stack)) ?? false;
}

/** What the calendars of those who would feel it say of this instant; undefined where nobody would. */
export function windowOf(calendars: readonly Calendar[], now: Instant): WindowState | undefined {
  const [first] = calendars;
  if (first === undefined) return undefined;
  const state = stateOfAll(calendars, now);
  return {
    admitsDisruption: state.admitted,
    because: state.reasons.map((reason) => reason.text),
    ...(state.nextOpen === undefined
      ? {}
      : { nextOpen: state.nextOpen, nextOpenText: formatInstant(first.zone, state.nextOpen, "weekday") }),
  };
}
