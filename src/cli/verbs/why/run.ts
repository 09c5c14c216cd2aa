import type { Why } from "../../../domain/why/answer.ts";
import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { readWords } from "../../fleet/fleet-choice.ts";
import { renderWhy } from "../../render/why.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";
import type { Asked } from "../../why/asked.ts";
import { answerAddress, answerValue } from "../../why/why-address.ts";
import { answerCode } from "../../why/why-code.ts";
import { answerOperation } from "../../why/why-operation.ts";

const CODE = /^BAL-[A-Z]\d{3}$/i;

export async function why(call: Invocation): Promise<Outcome<"why">> {
  const asked = askedOf(call);
  const answer = await answerOf(call, asked);
  const { because, repair, next, ...rest } = answer;
  const data = { ...rest, because: because.map((one) => ({ ...one })), repair: [...repair], next: [...next] };
  return { exit: EXIT.done, text: renderWhy(answer, call.say), data };
}

/** `[FOLDER] SUBJECT`, and after a code the address at which it is meant. */
function askedOf({ words, context }: Invocation): Asked {
  const [first = "", second = "", third] = words;
  if (CODE.test(first)) return { subject: first.toUpperCase(), ...(second === "" ? {} : { address: second }) };
  if (CODE.test(second)) return { folder: first, subject: second.toUpperCase(), ...(third === undefined ? {} : { address: third }) };
  const { folder, address } = readWords(words, context.cwd);
  if (address !== undefined) return { subject: address, ...(folder === undefined ? {} : { folder }) };
  throw failure("BAL-C001", "why", "something to ask about is needed", {
    hint: "an address such as acme/production, ADDRESS#FIELD, a code such as BAL-P011, or the ID of an operation",
  });
}

async function answerOf(call: Invocation, asked: Asked): Promise<Why> {
  if (CODE.test(asked.subject)) return await answerCode(call, asked);
  if (asked.subject.includes("#")) return await answerValue(call, asked);
  if (/^(op|reconcile|return)-[a-z0-9-]+$/.test(asked.subject)) return await answerOperation(call, asked);
  return await answerAddress(call, asked);
}
