import type { NodeId, StackNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { engineCall, orAbsent, tolerating } from "../call.ts";
import { labelsOf, objectName } from "../labels.ts";
import { RUNS_AS, type Scope } from "../scope.ts";
import { foldersOf, hasFormer, moveVolume, renameInside } from "../take-over.ts";
import { filestoreStream, isKept, keptArchive, templateKey } from "../template-store.ts";
import { fillerName, makeVolume, removeVolume } from "../volumes.ts";
import type { DockerKind, Realised } from "./kind.ts";

/** Where Odoo keeps attachments and sessions. */
export const DATA_FOLDER = "/var/lib/odoo";

/** The attachments of the former name, under the new name of their database. */
async function takeOver(scope: Scope, node: StackNode<"filestore">, former: NodeId): Promise<Realised> {
  await tolerating(node.id, [404], () => scope.docker.getContainer(fillerName(scope, node.id)).remove({ force: true }));
  await makeVolume(scope, node);
  await moveVolume(scope, former, node.id);
  for (const name of await foldersOf(scope, node.id, "filestore"))
    await renameInside(scope, node.id, `filestore/${name}`, `filestore/${node.spec.database}`);
  return { did: "created", facts: { tookOver: former } };
}

export const filestore: DockerKind<"filestore"> = {
  async realise(scope, node, { context }) {
    const name = objectName(scope.owner, node.id);
    const filler = scope.docker.getContainer(fillerName(scope, node.id));
    const unfinished = await orAbsent(node.id, () => filler.inspect());
    const there = await orAbsent(node.id, () => scope.docker.getVolume(name).inspect());
    const former = context.formerly?.(node.id);
    if (await hasFormer(scope, former)) return await takeOver(scope, node, former as NodeId);
    if (there !== undefined && unfinished === undefined) return { did: "nothing" };
    await tolerating(node.id, [404], () => filler.remove({ force: true }));
    const source = node.uses.find((edge) => edge.as === "clone");
    const template = source === undefined ? undefined : context.find(source.to);
    if (template?.kind !== "template") throw failure("BAL-E003", node.id, "names no template to be cloned from");
    const image = await scope.image(template.spec.image, context.progress, context.signal);
    const archive = keptArchive(scope, templateKey(template.spec, image.imageId));
    if (!(await isKept(archive))) throw failure("BAL-E003", node.id, `the attachments of template ${archive.key} are not there`);
    // One call makes the volume and the container whose presence says that it is not filled yet.
    const made = await engineCall(node.id, () =>
      scope.docker.createContainer({
        name: fillerName(scope, node.id),
        Image: image.imageId,
        User: `${RUNS_AS}:${RUNS_AS}`,
        Labels: { "ballast.filling": scope.owner.instance, "ballast.fleet": scope.owner.fleet },
        HostConfig: {
          NetworkMode: "none",
          Mounts: [
            {
              Type: "volume",
              Source: name,
              Target: DATA_FOLDER,
              VolumeOptions: { NoCopy: false, Labels: labelsOf(scope.owner, node), DriverConfig: { Name: "local", Options: {} } },
            },
          ],
        },
      }),
    );
    await engineCall(node.id, () => made.putArchive(filestoreStream(archive.filestore, node.spec.database), { path: DATA_FOLDER }));
    await tolerating(node.id, [404], () => made.remove({ force: true }));
    return { did: "created", facts: { template: archive.key } };
  },
  remove: (scope, node) => removeVolume(scope, node.id),
};
