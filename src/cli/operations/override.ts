import { failure } from "../../kernel/problem.ts";

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

/** What is answered beforehand of that which an apply may ask: the fleet's name, and who is really new. */
export function answersOf({ confirm, new: fresh }: { readonly confirm?: string; readonly new?: readonly string[] }): {
  confirmed?: string;
  reallyNew?: string[];
} {
  return { ...(confirm === undefined ? {} : { confirmed: confirm }), ...(fresh === undefined ? {} : { reallyNew: [...fresh] }) };
}
