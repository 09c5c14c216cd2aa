import type { NodeId, StackNode } from "../../../domain/stack/node.ts";
import { nextRepair } from "../../../domain/stack/shown-certificate.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { engineCall } from "../call.ts";
import { ownContainer } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { hasSpoiltFiles, readAgain } from "./ingress-files.ts";
import { type Given, shownFault } from "./shown-certificate.ts";

/** How long an ingress may take to show what it read again, and to do so after a restart. */
const READ_MS = 5000;
const STARTED_MS = 20_000;
const STOP_SECONDS = 10;

/**
 * Has a running ingress show the certificate in its files: it reads them again where it shows another or none, and is restarted where that does not help and its clients are
 * refused anyway. True where it was restarted: it may have another address then.
 */
export async function showGiven(scope: Scope, node: StackNode<"ingress">, context: ApplyContext): Promise<boolean> {
  const given = await givenOf(node, context);
  if (given === undefined) return false;
  const ownCertificates = node.spec.acme !== undefined;
  let fault = await shownFault(scope, given);
  for (const hasRead of [false, true]) {
    // Its own stack puts a spoilt route back, and must not wait for this one.
    if (fault === undefined || (await hasSpoiltFiles(scope))) return false;
    const repair = nextRepair(fault, { hasRead, ownCertificates });
    if (repair === "report") break;
    context.progress(`${node.id} ${fault.because}: ${repair === "restart" ? "it is restarted" : "it reads its files again"}`);
    if (repair === "restart") return await restarted(scope, node, given);
    await readAgain(scope);
    fault = await shownFault(scope, given, READ_MS);
  }
  if (fault !== undefined)
    throw failure("BAL-E100", node.id, `${fault.because}; it read its files again, and that did not help`, { hint: hintFor(node.id) });
  return false;
}

function hintFor(id: NodeId): string {
  return `what the ingress says of its files: ballast logs ${id}; does something else listen on its port?`;
}

async function givenOf(node: StackNode<"ingress">, context: ApplyContext): Promise<Given | undefined> {
  const certificate = context.find(node.uses.find((edge) => edge.as === "mount")?.to ?? "");
  if (certificate?.kind !== "certificate") return undefined;
  const signer = certificate.uses.find((edge) => edge.as === "trust")?.to;
  const authority = signer === undefined ? {} : { authority: (await context.vault.certificate(signer)).certificate };
  return { ingress: node.spec, certificate: certificate.id, names: certificate.spec.names, ...authority };
}

async function restarted(scope: Scope, node: StackNode<"ingress">, given: Given): Promise<boolean> {
  const found = await ownContainer(scope, node.id);
  if (found === undefined) return false;
  await engineCall(node.id, () => scope.docker.getContainer(found.Id).restart({ t: STOP_SECONDS }));
  const fault = await shownFault(scope, given, STARTED_MS);
  if (fault === undefined) return true;
  throw failure("BAL-E100", node.id, `${fault.because}; it read its files again and was restarted, and that did not help`, {
    hint: hintFor(node.id),
  });
}
