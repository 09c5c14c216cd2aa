import { explain as explainAddress } from "../../../domain/fleet/explain.ts";
import { failure, ProblemError } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { filesOf, readFleet } from "../../fleet/fleet.ts";
import { readWords } from "../../fleet/fleet-choice.ts";
import { renderExplain, sourceText } from "../../render/explain.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export async function explain(call: Invocation): Promise<Outcome<"explain">> {
  const { folder, address } = readWords(call.words, call.context.cwd);
  const { loaded } = await readFleet(call.context, await filesOf(call, folder));
  if (address === undefined) {
    const declared = loaded.addresses.filter((one) => loaded.placeOf(one) !== "built in");
    throw failure("BAL-C001", "explain", "an address is needed", { hint: `one of: ${declared.slice(0, 30).join(" ")}` });
  }
  const explained = explainAddress(loaded, address);
  if (!explained.ok) throw new ProblemError(explained.problems);
  const values = explained.value.map(({ source, ...value }) => ({ ...value, source: sourceText(source) }));
  const { colours, aligned } = call.say;
  return {
    exit: EXIT.done,
    text: renderExplain(explained.value, { colours, aligned }),
    data: { address, place: loaded.placeOf(address), values },
  };
}
