import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import type { IngressSpec } from "../../../domain/stack/kinds/ingress.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import type { ObservedNode, Seen } from "../../../domain/stack/observation.ts";
import { judgeShown, type Shown, type ShownFault } from "../../../domain/stack/shown-certificate.ts";
import { folderOf } from "../container/files.ts";
import { AUTHORITY_FILE } from "../kinds/authority.ts";
import type { Scope } from "../scope.ts";
import { tlsFolder } from "./ingress-config.ts";
import { hasSpoiltFiles } from "./ingress-files.ts";

const ANSWER_MS = 5000;
/** It reads a file some hundredths of a second after it was written, and answers a second or so after it was started. */
const SETTLES_MS = 3000;
const PAUSE_MS = 200;

/** An ingress, and the certificate that it was given. */
export interface Given {
  readonly ingress: Pick<IngressSpec, "address" | "port">;
  readonly certificate: NodeId;
  /** What the certificate is for. */
  readonly names: readonly string[];
  /** True while its files are known to be other than what was written. */
  readonly isEdited?: true;
  /** PEM of the authority that clients trust; missing where it cannot be read. */
  readonly authority?: string;
}

/** A host that a name of a certificate covers. */
export function hostOf(name: string): string {
  return name.replace("*", "any");
}

/** How the certificate that an ingress shows is otherwise than the one in its files, for as long as it may take to read what was just written; undefined where it is that one, or it cannot be said. */
export async function shownFault(scope: Pick<Scope, "paths">, given: Given, settlesMs = SETTLES_MS): Promise<ShownFault | undefined> {
  const [name] = given.names;
  if (name === undefined) return undefined;
  for (const end = performance.now() + settlesMs; ; await sleep(PAUSE_MS)) {
    const fingerprint = given.isEdited === true ? undefined : await fingerprintOf(scope, given.certificate);
    const host = hostOf(name);
    const fault = judgeShown(fingerprint, host, await shownBy(given, host));
    if (fault === undefined || performance.now() > end) return fault;
  }
}

async function fingerprintOf(scope: Pick<Scope, "paths">, certificate: NodeId): Promise<string | undefined> {
  try {
    return new X509Certificate(await readFile(join(folderOf(tlsFolder(scope), certificate), "certificate.pem"))).fingerprint256;
  } catch {
    return undefined;
  }
}

/** Nothing is sent, and what is shown is read whether or not it is accepted. Without an authority to judge by, it is taken for accepted: nothing is restarted for what is not known. */
async function shownBy({ ingress, authority }: Given, servername: string): Promise<Shown> {
  const { address: host, port } = ingress;
  const canJudge = isCertificate(authority);
  const socket = connect({ host, port, servername, rejectUnauthorized: false, ...(canJudge ? { ca: authority } : {}) });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(ANSWER_MS) });
    const shown = socket.getPeerX509Certificate();
    if (shown === undefined) return { answer: "none", because: "it showed none" };
    return { answer: "certificate", fingerprint: shown.fingerprint256, accepted: !canJudge || socket.authorized };
  } catch (error) {
    return refusal(error as NodeJS.ErrnoException & { reason?: string });
  } finally {
    socket.destroy();
  }
}

const REFUSED = /^(ERR_SSL_|EPROTO|ECONNREFUSED|ECONNRESET|EPIPE)/;

/** Only what the other end did is an answer: one that is late may have too much work, and this process may lack something. */
export function refusal({ code = "", reason, message }: NodeJS.ErrnoException & { reason?: string }): Shown {
  const because = reason ?? message;
  return { answer: REFUSED.test(code) ? "none" : "unknown", because };
}

type Observations = Map<NodeId, Seen<ObservedNode>>;

/** Calls an ingress failing that runs and does not show what it was given: its process is well, and nobody gets in. */
export async function nameUnshown(scope: Scope, nodes: Observations): Promise<void> {
  for (const [id, observation] of nodes) {
    if (observation.state !== "present" || observation.value.condition !== "serving" || observation.value.declared.kind !== "ingress")
      continue;
    const given = await givenTo(scope, observation.value, nodes);
    const fault = given === undefined ? undefined : await shownFault(scope, given);
    // What was changed by hand is put back first, where that closes nobody: this is compared at the end of it too. A spoilt route is put back by its own stack.
    const isChanged = observation.value.edits?.some((edit) => edit.repair !== "report") === true;
    if (fault === undefined || (isChanged && !fault.closed) || (await hasSpoiltFiles(scope))) continue;
    nodes.set(id, { ...observation, value: { ...observation.value, condition: "failing", because: fault.because } });
  }
}

async function givenTo(scope: Scope, { declared }: ObservedNode, nodes: Observations): Promise<Given | undefined> {
  const certificate = declared.uses.find((edge) => edge.as === "mount")?.to;
  const observation = certificate === undefined ? undefined : nodes.get(certificate);
  if (certificate === undefined || observation?.state !== "present") return undefined;
  const authority = await readFile(join(scope.paths.state, AUTHORITY_FILE), "utf8").catch(() => undefined);
  const { names } = observation.value.declared.spec as { names: readonly string[] };
  const isEdited = (observation.value.edits ?? []).length > 0 ? { isEdited: true as const } : {};
  return { ingress: declared.spec as IngressSpec, certificate, names, ...isEdited, ...(authority === undefined ? {} : { authority }) };
}

function isCertificate(pem: string | undefined): pem is string {
  try {
    return pem !== undefined && new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
