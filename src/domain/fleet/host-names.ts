import type { Problem } from "../../kernel/problem.ts";
import type { Fleet } from "./model.ts";
import { placeOfField, type Trace } from "./trace.ts";

/** The name in the ingress's own certificate where others sign for its hosts. No environment may be called like this. */
export function fallbackHost(domain: string): string {
  return `fallback.ballast.${domain}`;
}

/** Whether a name is the domain or lies below it: what an authority that is constrained to the domain may sign (RFC 5280 4.2.1.10). */
export function isWithin(domain: string, host: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/**
 * What is wrong with the host names of all environments together. All hosts of a fleet share one certificate of its own authority, and one name in
 * it that the authority may not sign makes browsers refuse it for every tenant. With ACME each host has a certificate of its own.
 */
export function hostProblems(fleet: Fleet, trace: Trace): Problem[] {
  const environments = fleet.tenants.flatMap((tenant) => tenant.environments);
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { address, host } of environments) {
    const owner = owners.get(host);
    const own = trace.get(address);
    if (owner === undefined) owners.set(host, address);
    const found = [lengthProblem(address, host), outsideProblem(fleet, address, host), reservedProblem(fleet, address, host)];
    const at = own && placeOfField(own, "domain");
    if (at === undefined) continue;
    for (const one of found) if (one !== undefined) problems.push({ ...one, severity: "error", at, address });
    if (owner !== undefined) problems.push(twice({ address, at }, { address: owner, host }, trace));
  }
  return problems;
}

type Found = Omit<Problem, "severity" | "at"> | undefined;

function lengthProblem(address: string, host: string): Found {
  if (host.length <= 253) return undefined;
  return {
    code: "BAL-F041",
    message: `${address}: its host name has ${host.length} characters; DNS allows 253`,
    hint: "declare a shorter domain for the fleet or for this environment",
  };
}

function outsideProblem({ domain, ingress }: Fleet, address: string, host: string): Found {
  if (ingress.acme !== undefined || isWithin(domain, host)) return undefined;
  return {
    code: "BAL-F093",
    message: `${address}: host name ${host} is not below ${domain}: the fleet's authority signs for no other domain, and all hosts share one certificate`,
    hint: `declare a name below ${domain}, or ingress.certificates.acme in the Fleet, by which each host has a certificate of its own`,
  };
}

function reservedProblem({ domain }: Fleet, address: string, host: string): Found {
  if (host !== fallbackHost(domain)) return undefined;
  return { code: "BAL-F094", message: `${address}: host name ${host} is that of the ingress itself`, hint: "declare another one" };
}

/** Of two with one name the one is pointed at that declares it. */
function twice(
  second: { readonly address: string; readonly at: string },
  first: { readonly address: string; readonly host: string },
  trace: Trace,
): Problem {
  const declares = (address: string) => trace.get(address)?.effective.some((one) => one.field === "domain" && one.source.kind === "file");
  const other = trace.get(first.address);
  const [blamed, owner, at] =
    declares(second.address) !== true && declares(first.address) === true && other !== undefined
      ? [first.address, second.address, placeOfField(other, "domain")]
      : [second.address, first.address, second.at];
  return {
    code: "BAL-F040",
    severity: "error",
    at,
    address: blamed,
    message: `${blamed}: host name ${first.host} is already that of ${owner}`,
  };
}
