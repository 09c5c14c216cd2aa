import type { AnyNode, StackNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { engineCall } from "../call.ts";
import { declaredOf, objectName, volumeLabels } from "../observe/labels.ts";
import { ownVolume } from "../observe/own-objects.ts";
import { isKept, keptArchive, templateKey } from "../postgres/template-store.ts";
import type { ResolvedImage, Scope } from "../scope.ts";
import { dropFiller, FORMER, fillersOf, markUnfilled } from "../volume/filler.ts";
import { assertHere, type Handover, handoverOf, takeOver } from "../volume/take-over.ts";
import { unpackFilestore } from "../volume/unpack-filestore.ts";
import { giveToContainers, removeVolume } from "../volume/volumes.ts";
import type { DockerKind, Realised } from "./kind.ts";

/** Where Odoo keeps attachments and sessions. */
export const DATA_FOLDER = "/var/lib/odoo";

/**
 * Gives the folder of a database's attachments another name. Whatever a tenant left in its volume, nothing is followed and nothing is lost: a link or
 * a file where a folder should be stays as it is, and what already has the new name is set aside.
 */
const RENAME = `
chmod u+rwx "$1" 2>/dev/null || true
cd -P "$1"
is_folder() { [ -d "$1" ] && [ ! -L "$1" ]; }
is_there() { [ -e "$1" ] || [ -L "$1" ]; }
is_folder filestore || { echo 'filestore is no folder: it is left as it is'; exit 0; }
chmod u+rwx filestore 2>/dev/null || true
cd -P filestore
[ "$2" != "$3" ] || exit 0
if ! is_folder "$2"; then
  if is_there "$2"; then echo "filestore/$2 is no folder: it is left as it is"; fi
  exit 0
fi
if is_there "$3"; then
  n=1
  while is_there "$3.aside$n"; do n=$((n + 1)); [ "$n" -lt 100 ]; done
  mv -T -- "$3" "$3.aside$n"
  echo "filestore/$3 was there already: it is now filestore/$3.aside$n"
fi
chmod u+w "$2" 2>/dev/null || true
mv -T -- "$2" "$3"
`;

/** The template whose attachments a filestore begins with, and the image that it was made by. */
async function templateOf(
  scope: Scope,
  node: StackNode<"filestore">,
  context: ApplyContext,
): Promise<{ template: StackNode<"template">; image: ResolvedImage }> {
  const source = node.uses.find((edge) => edge.as === "clone");
  const template = source === undefined ? undefined : context.find(source.to);
  if (template?.kind !== "template") throw failure("BAL-E003", node.id, "names no template to be cloned from");
  return { template, image: await scope.image(template.spec.image, context.progress, context.signal) };
}

/** The attachments of the former name, under the new name of their database. */
async function fromFormer(scope: Scope, node: StackNode<"filestore">, handover: Handover, context: ApplyContext): Promise<Realised> {
  const { image } = await templateOf(scope, node, context);
  const before = declaredOf(handover.source.Labels ?? {})?.declared as AnyNode | undefined;
  const database = before?.kind === "filestore" ? before.spec.database : node.spec.database;
  const words = [DATA_FOLDER, database, node.spec.database];
  const desired = { imageId: image.imageId, target: DATA_FOLDER, script: RENAME, words, signal: context.signal };
  for (const line of await takeOver(scope, node as AnyNode, handover, desired)) context.progress(line);
  return { did: "created", facts: { tookOver: handover.former } };
}

async function fromTemplate(scope: Scope, node: StackNode<"filestore">, volume: string, context: ApplyContext): Promise<Realised> {
  const { template, image } = await templateOf(scope, node, context);
  const archive = keptArchive(scope, templateKey(template.spec, image.imageId));
  if (!(await isKept(archive))) throw failure("BAL-E003", node.id, `the attachments of template ${archive.key} are not there`);
  await markUnfilled(scope, node as AnyNode, { imageId: image.imageId, volume });
  const labels = volumeLabels(scope.owner, node);
  const made = await engineCall(node.id, async () => {
    await scope.docker.createVolume({ Name: volume, Driver: "local", Labels: labels });
    return await scope.docker.getVolume(volume).inspect();
  });
  assertHere(made, node.id);
  await giveToContainers(made);
  await unpackFilestore(archive, { into: made.Mountpoint, database: node.spec.database, signal: context.signal });
  await dropFiller(scope, node.id, volume);
  return { did: "created", facts: { template: archive.key } };
}

export const filestore: DockerKind<"filestore"> = {
  async realise(scope, node, { change, context }) {
    const handover = await handoverOf(scope, node.id, context.formerly?.(node.id));
    if (handover !== undefined) return await fromFormer(scope, node, handover, context);
    const there = await ownVolume(scope, node.id);
    if (there === undefined) return await fromTemplate(scope, node, objectName(scope.owner, node.id), context);
    const [unfinished] = await fillersOf(scope, node.id, there.Name);
    if (unfinished === undefined) {
      if (change.inPlace !== true) return { did: "nothing" };
      await giveToContainers(there);
      return { did: "repaired" };
    }
    const former = unfinished.Labels[FORMER];
    if (former === undefined) return await fromTemplate(scope, node, there.Name, context);
    // All of the former name is in it: what is left to do is to say so.
    await dropFiller(scope, node.id, there.Name);
    return { did: "created", facts: { tookOver: former } };
  },
  remove: (scope, node) => removeVolume(scope, node.id),
};
