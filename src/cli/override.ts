import { failure } from "../kernel/problem.ts";

/** `--now --reason TEXT`, which go together. */
export function overrideOf(
  verb: string,
  { now, reason }: { readonly now?: boolean; readonly reason?: string },
): { override?: { reason: string } } {
  if (now !== true && reason === undefined) return {};
  if (now !== true) throw failure("BAL-C001", verb, "--reason goes with --now", { hint: "add --now, or leave --reason out" });
  if (reason === undefined || reason.trim() === "")
    throw failure("BAL-C002", verb, "--now wants a reason, which is recorded", { hint: "--now --reason TEXT" });
  return { override: { reason } };
}
