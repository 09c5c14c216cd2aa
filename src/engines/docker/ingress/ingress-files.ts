import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { namesIn } from "../../../adapters/files/if-there.ts";
import { readStateFile } from "../../../adapters/files/state-file.ts";
import type { Edit } from "../../../domain/stack/observation.ts";
import { contentEdits, hashOfContent } from "../container/file-content.ts";
import { companions, replaceWatched, rewriteWatched, spoiltCompanions } from "../container/files.ts";
import type { Scope } from "../scope.ts";
import { ACME_ROOTS_FILE } from "./acme-config.ts";
import { ASKED_FILE, isQuestion } from "./ask-again.ts";
import { asideFolder, configFolder, makeConfigFolder, TLS_OPTIONS } from "./ingress-config.ts";

/** By its name read before the other files of the folder. The first that says something of options is heard: certificates of older versions said their own. */
const OPTIONS_FILE = "00-options.yaml";
const OPTIONS = `${JSON.stringify({ tls: { options: { default: TLS_OPTIONS } } })}\n`;
/** What is being written lies beside its place for a moment. */
const IN_THE_MAKING = /[.](making|not-a-file)(-|$)/;
const ASIDE = /[.]not-a-file-[0-9a-f]+$/;

/** Writes what the ingress reads beside the routes and certificates that nodes bring. */
export async function writeIngressFiles(scope: Scope): Promise<string> {
  const folder = await makeConfigFolder(scope);
  await moveOut(scope);
  await replaceWatched(join(folder, OPTIONS_FILE), OPTIONS);
  if (await isSpoilt(join(folder, ASKED_FILE))) await rm(join(folder, ASKED_FILE), { recursive: true, force: true });
  return folder;
}

/**
 * Has the ingress read all of its files again, certificates and keys too, which it does whenever one of the folder that it watches is written. Where they
 * say what it read before, it changes nothing, and no connection is cut either way.
 */
export async function readAgain(scope: Pick<Scope, "paths">): Promise<void> {
  await rewriteWatched(join(await makeConfigFolder(scope), OPTIONS_FILE), OPTIONS);
}

/** Whether a route or certificate in the folder is not what was written, of any stack: the ingress then reads none of them, and a restart would not help. */
export async function hasSpoiltFiles(scope: Scope): Promise<boolean> {
  const folder = configFolder(scope);
  return (await spoiltCompanions(scope)).some((path) => dirname(path) === folder);
}

/**
 * How the folder that the ingress reads differs from what was written: without its options old cipher suites and unknown names are accepted, and
 * what somebody adds counts as much as what is ours. Routes and certificates are looked at as the nodes that they are.
 */
export async function ingressFileEdits(scope: Scope): Promise<readonly Edit[]> {
  const folder = configFolder(scope);
  const options = join(folder, OPTIONS_FILE);
  const own = new Set([options, join(folder, ASKED_FILE), join(folder, ACME_ROOTS_FILE), ...(await companions(scope))]);
  const names = await namesIn(folder);
  const others = names.map((name) => join(folder, name)).filter((path) => !own.has(path) && !IN_THE_MAKING.test(path));
  return [
    ...(await contentEdits({ [options]: hashOfContent(OPTIONS) }, "live")),
    ...((await isSpoilt(join(folder, ASKED_FILE)))
      ? [{ field: `file ${ASKED_FILE}`, made: "a question for certificates", found: "something else", repair: "live" } as const]
      : []),
    ...others
      .sort()
      .map((path): Edit => ({ field: "a file that is not ours, read by the ingress", made: undefined, found: path, repair: "report" })),
    ...(await movedOut(scope)),
  ];
}

/** An earlier version left beside the files what stood in their place: the ingress read that too. */
async function moveOut(scope: Scope): Promise<void> {
  const [folder, aside] = [configFolder(scope), asideFolder(scope)];
  const left = (await namesIn(folder)).filter((name) => ASIDE.test(name));
  if (left.length > 0) await mkdir(aside, { recursive: true, mode: 0o755 });
  for (const name of left) await rename(join(folder, name), join(aside, name));
}

/** What was moved out of the folder and still lies where it was moved to: it may be somebody's. */
async function movedOut(scope: Scope): Promise<readonly Edit[]> {
  const folder = asideFolder(scope);
  const names = (await namesIn(folder)).filter((name) => ASIDE.test(name)).sort();
  const field = "a folder that stood in the place of a file, moved aside";
  return names.map((name): Edit => ({ field, made: undefined, found: join(folder, name), repair: "report" }));
}

async function isSpoilt(path: string): Promise<boolean> {
  const found = readStateFile(path, { form: "a question for certificates", read: (text) => (isQuestion(text) ? text : undefined) });
  return found.state === "wrong";
}
