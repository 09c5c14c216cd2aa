import type { Instant } from "../../kernel/instant.ts";
import type { WindowState } from "../admission/admit.ts";
import type { Calendar } from "../calendar/calendar.ts";
import { formatInstant } from "../calendar/format.ts";
import { stateOfAll } from "../calendar/state.ts";
import type { LoadedFleet } from "../fleet/model.ts";
import type { Stack, StackId } from "../stack/node.ts";
import { stackOf } from "../stack/node.ts";

interface Production {
  readonly address: string;
  readonly calendar: string;
}

/** Of each stack, the production environments that feel it when it is closed: itself, or all that use it. Read off once for the whole fleet. */
export function productionBehind(loaded: LoadedFleet, stacks: ReadonlyMap<StackId, Stack>): ReadonlyMap<StackId, readonly Production[]> {
  const behind = new Map<StackId, Production[]>();
  const production = loaded.fleet.tenants.flatMap(({ environments }) => environments.filter(({ name }) => name === "production"));
  for (const environment of production) {
    const used = stacks.get(environment.address)?.nodes.flatMap((node) => node.uses.map((edge) => stackOf(edge.to))) ?? [];
    for (const stack of new Set([environment.address, ...used])) {
      const felt = behind.get(stack);
      if (felt === undefined) behind.set(stack, [environment]);
      else felt.push(environment);
    }
  }
  return behind;
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
