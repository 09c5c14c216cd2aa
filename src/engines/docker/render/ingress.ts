import { nodeId, stackOf } from "../../../domain/stack/node.ts";
import { ACME_INSIDE, ACME_ROOTS_FILE, acmeVolume } from "../ingress/acme-config.ts";
import { CONFIG_INSIDE, configName, INGRESS_PORT, TLS_INSIDE, TLS_OPTIONS } from "../ingress/ingress-config.ts";
import { routeConfig } from "../ingress/route-config.ts";
import { ingressShape } from "../kinds/ingress.ts";
import { networkAlias } from "../observe/labels.ts";
import { type Builder, usersOf } from "./context.ts";
import { ownConfig, ownSecret } from "./secret-file.ts";
import { projectName, runningService } from "./service.ts";

export const ingress: Builder<"ingress"> = async (node, context) => {
  const used = node.uses.find((edge) => edge.as === "mount")?.to ?? "";
  const { certificate, key } = await context.vault.certificate(used);
  const pair = {
    "certificate.pem": ownSecret(node, "certificate.pem", certificate, "certificate of all host names, with what signed it, PEM"),
    "key.pem": ownSecret(node, "key.pem", key, "its private key, PEM"),
  };
  const signer = context.find(used)?.uses.find((edge) => edge.as === "trust")?.to ?? "";
  const root = (await context.vault.certificate(signer)).certificate;
  const authority = ownSecret(node, "authority.pem", root, "certificate of the authority that signed it, for browsers to trust, PEM");
  const tls = { certFile: `${TLS_INSIDE}/certificate.pem`, keyFile: `${TLS_INSIDE}/key.pem` };
  const options = { default: TLS_OPTIONS };
  const { roots } = node.spec.acme ?? {};
  const volume = acmeVolume(node);
  const settings = { tls: { certificates: [tls], stores: { default: { defaultCertificate: tls } }, options } };
  const routes = usersOf(context, "route", node.id).map((route) =>
    ownConfig(
      node,
      configName(route.id),
      `${JSON.stringify(
        routeConfig(route.id, route.spec, (name) => networkAlias(nodeId(stackOf(route.id), name))),
        undefined,
        2,
      )}\n`,
    ),
  );
  const config = [
    ownConfig(node, "tls.yaml", `${JSON.stringify(settings, undefined, 2)}\n`),
    ...(roots === undefined ? [] : [ownConfig(node, ACME_ROOTS_FILE, roots)]),
    ...routes,
  ];
  const service = runningService({
    id: node.id,
    image: node.spec.image,
    shape: ingressShape(node),
    ...(volume === undefined ? {} : { volumes: { [projectName(volume)]: ACME_INSIDE } }),
    mounts: {
      [CONFIG_INSIDE]: { ...ownConfig(node, "", ""), path: `config/${projectName(node.id)}` },
      ...Object.fromEntries(Object.entries(pair).map(([name, file]) => [`${TLS_INSIDE}/${name}`, file])),
    },
  });
  const { address, port } = node.spec;
  const ports = [{ target: INGRESS_PORT, host_ip: address, published: String(port), protocol: "tcp" }];
  return { name: projectName(node.id), service: { ...service, ports }, files: [...Object.values(pair), authority, ...config] };
};
