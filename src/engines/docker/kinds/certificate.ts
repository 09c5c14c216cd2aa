import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../../kernel/canonical.ts";
import { folderOf, removeNode, replaceFile, writeNode } from "../files.ts";
import { configFolder, configName, TLS_INSIDE, tlsFolder } from "../ingress-config.ts";
import type { Scope } from "../scope.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const certificate: DockerKind<"certificate"> = {
  async realise(scope, node, { change, context }) {
    const pair = await context.vault.certificate(node.id);
    const files = { "certificate.pem": pair.certificate, "key.pem": pair.key };
    const wrote = await writeNode(scope, tlsFolder(scope), node, { files, readers: "secret" });
    // The comment changes with the content: the ingress reads a file again only when the file that names it changes.
    const inside = folderOf(TLS_INSIDE, node.id);
    const tls = { certFile: join(inside, "certificate.pem"), keyFile: join(inside, "key.pem") };
    const text = {
      tls: {
        certificates: [tls],
        stores: { default: { defaultCertificate: tls } },
        options: { default: { minVersion: "VersionTLS12", sniStrict: true } },
      },
    };
    await replaceFile(configFile(scope, node.id), `# ${sha256(pair.certificate)}\n${JSON.stringify(text)}\n`, false);
    return didCreate(wrote, change);
  },
  async remove(scope, node) {
    await rm(configFile(scope, node.id), { force: true });
    await removeNode(tlsFolder(scope), node.id);
  },
};

function configFile(scope: Scope, id: string): string {
  return join(configFolder(scope), configName(id));
}
