import { UNBUILT_IMAGE } from "../../blueprint/context.ts";
import type { PolicyRule } from "../rule.ts";

const BY_DIGEST = /@sha256:[0-9a-f]{64}$/;
/** Named after the hash of its recipe: what is rebuilt is built the same. */
const BY_RECIPE = /^ballast\/[a-z0-9-]+:[0-9a-f]{12}$/;

export const imagePinned: PolicyRule = {
  code: "BAL-P012",
  title: "Images are pinned by digest",
  severity: "error",
  reason: "A tag can move between a drill and the restore it rehearses; a digest cannot.",
  check({ stacks }) {
    return [...stacks.values()]
      .flatMap((stack) => stack.nodes)
      .flatMap((node) => {
        const image = "image" in node.spec ? node.spec.image : UNBUILT_IMAGE;
        if (image === UNBUILT_IMAGE || image === "" || BY_DIGEST.test(image) || BY_RECIPE.test(image)) return [];
        const message = `it uses ${image}, an image without a digest`;
        return [{ address: node.id, message, hint: "name it as NAME@sha256: and its 64 hex digits" }];
      });
  },
};
