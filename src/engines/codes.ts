import type { CodeEntry } from "../kernel/problem.ts";

/** What can go wrong between a decision and the real world. */
export const ENGINE_CODES: readonly CodeEntry[] = [
  { code: "BAL-E001", title: "A change could not be made" },
  { code: "BAL-E002", title: "The engine cannot be reached" },
  { code: "BAL-E003", title: "Something that a node needs is not there" },
  { code: "BAL-E004", title: "The machine has no room: insufficient memory, or a full disk" },
  { code: "BAL-E005", title: "A process did not become ready in time" },
  { code: "BAL-E006", title: "A name, address or port is taken by somebody else" },
  { code: "BAL-E007", title: "A job ended with an error" },
  { code: "BAL-E008", title: "An image is not known" },
  { code: "BAL-E009", title: "Something is in use by somebody else" },
  { code: "BAL-E010", title: "The certificate of the ingress ends soon" },
  { code: "BAL-E011", title: "The certificate of the ingress ended" },
  { code: "BAL-E012", title: "The ingress serves another certificate than the one that was issued" },
  { code: "BAL-E013", title: "No certificate has come by ACME yet" },
  { code: "BAL-E020", title: "A copy did not become its own" },
  { code: "BAL-E021", title: "A tenant's own database refused what was to be written into it" },
  { code: "BAL-E022", title: "A snapshot could not be taken" },
  { code: "BAL-E032", title: "The file of a secret is missing or empty" },
  { code: "BAL-E050", title: "The kept attachments of a template cannot be read" },
  { code: "BAL-E052", title: "A database that stands in the place of another cannot be adopted" },
  { code: "BAL-E053", title: "A database holds another content than was written into it" },
  { code: "BAL-E090", title: "Somebody holds what was to be changed on a database server" },
  { code: "BAL-E095", title: "What was begun of something could not be removed after it failed" },
  { code: "BAL-E100", title: "The ingress does not show the certificate that it was given" },
];
