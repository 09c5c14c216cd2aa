/**
 * What an ingress answers to whoever connects by one of its names. `certificate`: it shows one; `accepted` where clients of the fleet take it for that name.
 * `none`: it answers and shows none, or nobody listens. `unknown`: no answer in time, or it could not be asked.
 */
export type Shown =
  | { readonly answer: "certificate"; readonly fingerprint: string; readonly accepted: boolean }
  | { readonly answer: "none"; readonly because: string }
  | { readonly answer: "unknown"; readonly because: string };

/** What is wrong with the certificate that is shown. */
export interface ShownFault {
  readonly because: string;
  /** Clients are refused, or refuse it. */
  readonly closed: boolean;
}

/**
 * Compares the certificate that an ingress shows with the one in the files that it was given: it reads files when they change, so those it read when it
 * started may be others than those that are there now. What is not known is no fault.
 * @param given the fingerprint of the one in the files; undefined where they are not what was written, and only whether clients accept it can be judged.
 */
export function judgeShown(given: string | undefined, name: string, shown: Shown): ShownFault | undefined {
  if (shown.answer === "unknown") return undefined;
  if (shown.answer === "none") return { because: `runs, and shows no certificate for ${name}: ${shown.because}`, closed: true };
  if (shown.fingerprint === given || (given === undefined && shown.accepted)) return undefined;
  const because = `runs, and shows another certificate for ${name} than it was given`;
  return { because: shown.accepted ? because : `${because}: clients refuse it`, closed: !shown.accepted };
}

/**
 * What helps next: to read its files again, which disturbs nobody, and where that did not help a restart. An ingress is that of all tenants, so it is restarted only where
 * clients are refused anyway; where hosts have certificates of their own, by ACME, their clients are not.
 */
export function nextRepair(
  fault: ShownFault,
  { hasRead, ownCertificates }: { readonly hasRead: boolean; readonly ownCertificates: boolean },
) {
  if (!hasRead) return "read again";
  return fault.closed && !ownCertificates ? "restart" : "report";
}
