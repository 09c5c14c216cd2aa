import type { z } from "zod";
import type { Acme } from "./acme.ts";
import { DEFAULTS } from "./defaults.ts";
import type { certificates } from "./schema/certificates.ts";
import { byDefault, note, type Subject, settle } from "./trace.ts";

/** Who signs for the ingress beside the fleet's own authority; undefined where nobody does. */
export function resolveAcme(subject: Subject, declared: z.output<typeof certificates> | undefined): Acme | undefined {
  if (declared === undefined) return undefined;
  const { email, directory, roots, network } = declared.acme;
  const at = (field: string) => `ingress.certificates.acme.${field}`;
  note(subject, at("email"), email);
  const chosen = settle<string>(subject, {
    field: at("directory"),
    declared: directory,
    otherwise: { value: DEFAULTS.acmeDirectory, source: byDefault, because: "Let's Encrypt" },
  });
  note(subject, at("roots"), roots, (pem) => `${pem.split("-----BEGIN").length - 1} of a private authority`);
  note(subject, at("network"), network);
  return { email, directory: chosen, ...(roots === undefined ? {} : { roots }), ...(network === undefined ? {} : { network }) };
}
