import { mailboxShape } from "../kinds/mailbox.ts";
import type { Builder } from "./context.ts";
import { projectName, runningService } from "./service.ts";

export const mailbox: Builder<"mailbox"> = async (node) => ({
  name: projectName(node.id),
  service: runningService({ id: node.id, image: node.spec.image, shape: mailboxShape(node), mounts: {} }),
  files: [],
});
