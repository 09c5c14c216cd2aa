import { dropCgroup, makeCgroup } from "../container/cgroups.ts";
import { removeNode, writeNode } from "../container/files.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const quota: DockerKind<"quota"> = {
  async realise(scope, node, { change }) {
    await makeCgroup(scope, node.id, node.spec);
    const wrote = await writeNode(scope, scope.paths.volatile, node, { files: {}, readers: "public" });
    return didCreate(wrote || change.inPlace === true, change);
  },
  async remove(scope, node) {
    await dropCgroup(scope, node.id);
    await removeNode(scope.paths.volatile, node.id);
  },
};
