import { type Complaint, text } from "./forms.ts";

const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
const KNOWN_SECRETS =
  /^(AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|sk[-_]|rk_|pk_live|xox[a-z]-|eyJ|AIza|SG\.|-----BEGIN|age-secret-key-|[a-z]+:\/\/)/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is rather a secret than the name of one. Errs on the side of refusing: a name can be chosen otherwise. */
export function looksLikeSecret(value: string): boolean {
  if (KNOWN_SECRETS.test(value) || UUID.test(value)) return true;
  const digits = (part: string) => part.replace(/\D/g, "").length;
  if (value.split(/[-_.]/).some((part) => part.length >= 16 && digits(part) >= 3)) return true;
  return !NAME.test(value) && value.length >= 12 && digits(value) > 0;
}

/** The name under which a credential is kept, never the credential. What looks like one is not repeated in the message. */
export const credentialName = text(NAME, (value): Complaint | undefined => {
  const hint = "write the name under which it is kept, such as dhl-express-api";
  if (looksLikeSecret(value)) return { code: "BAL-F054", text: "{field} looks like a secret; secrets are never part of a fleet", hint };
  return NAME.test(value) && value.length <= 40 ? undefined : { code: "BAL-F012", text: "is an invalid name", hint };
});
