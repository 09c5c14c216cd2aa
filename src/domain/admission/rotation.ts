import type { Problem } from "../../kernel/problem.ts";
import type { StackId } from "../stack/node.ts";
import type { AdmissionSnapshot } from "./admit.ts";

/**
 * Why a rotation may not begin now, a problem for each stack whose people it would disturb outside their window. It is refused and not held: one that waits
 * leaves new values in the store and old ones in force, and what is repaired meanwhile would get the wrong ones.
 */
export function refusedRotation(
  disturbed: readonly StackId[],
  snapshotOf: (stack: StackId) => Pick<AdmissionSnapshot, "protectedByCalendar" | "window">,
): readonly Problem[] {
  return disturbed.flatMap((stack): readonly Problem[] => {
    const { protectedByCalendar, window } = snapshotOf(stack);
    if (!protectedByCalendar || window === undefined || window.admitsDisruption) return [];
    const opens = window.nextOpenText === undefined ? "" : `; it opens ${window.nextOpenText}`;
    const message = `rotating restarts what people work with, and the window is closed (${window.because.join("; ")})${opens}`;
    return [{ code: "BAL-A008", severity: "error", at: stack, message, hint: "rotate inside the window, or with --now --reason TEXT" }];
  });
}
