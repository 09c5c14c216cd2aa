import { join } from "node:path";
import { sha256 } from "../../../kernel/canonical.ts";
import { folderOf, removeNode, writeNode } from "../container/files.ts";
import { configName, makeConfigFolder, TLS_INSIDE, tlsFolder } from "../ingress/ingress-config.ts";
import { readAgain } from "../ingress/ingress-files.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const certificate: DockerKind<"certificate"> = {
  async realise(scope, node, { change, context }) {
    const pair = await context.vault.certificate(node.id);
    const inside = folderOf(TLS_INSIDE, node.id);
    const tls = { certFile: join(inside, "certificate.pem"), keyFile: join(inside, "key.pem") };
    const config = { tls: { certificates: [tls], stores: { default: { defaultCertificate: tls } } } };
    const wrote = await writeNode(scope, tlsFolder(scope), node, {
      files: { "certificate.pem": pair.certificate, "key.pem": pair.key },
      readers: "secret",
      // The comment changes with the content: the ingress reads a certificate again only when the file that names it changes.
      companion: {
        path: join(await makeConfigFolder(scope), configName(node.id)),
        content: `# ${sha256(pair.certificate)}\n${JSON.stringify(config)}\n`,
      },
    });
    // Put back, its content is the one that the companion names already; the ingress may have read another when it started.
    if (wrote) await readAgain(scope);
    return didCreate(wrote, change);
  },
  remove: (scope, node) => removeNode(tlsFolder(scope), node.id),
};
