import type { RouteRate, RouteSpec } from "../../../domain/stack/kinds/route.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import { ACME_RESOLVER } from "./acme-config.ts";
import { configKey, TLS_OPTIONS } from "./ingress-config.ts";
import { moreThan } from "./more-than.ts";

type Named = Readonly<Record<string, object>>;

/** Nobody comes from this address, so that who is led here is refused with the status. */
const NOBODY = "255.255.255.255/32";
/** A small process has some four hundred threads, for one client's requests of all kinds together and everybody else's. */
const STAYING_AT_ONCE = 100;
/** Of what a client may have under way at once, as much again for calls and for sign-ins. A rate alone lets a burst of slow bodies hold a thread each. */
const SHARE_OF_CALLS = 0.5;
const SHARE_OF_LOGINS = 0.1;
const YEAR_SECONDS = 365 * 86_400;

const JSON_BODY = "HeaderRegexp(`Content-Type`, `(?i)^application/json`)";

/** Every part of a client's network is that client: by IPv4 one address, by IPv6 what one customer of a provider gets. Taken from the connection, never from a header. */
const CLIENT = { sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } } };

/** Ahead of what answers, so that none of it is passed by: closed, then too large, then counted. */
const FIRST = { closed: 10_000, oversized: 9000, unmeasured: 8900, callOversized: 8800, logins: 7000, reports: 6000 };

/**
 * The ingress configuration of one route. Closed paths answer 403 to everybody, bodies that are too large 413 and those of unsaid length 411, before a byte of them is read;
 * who asks too often gets 429. Every route counts on its own, so that a flood on one environment is none on another.
 * The header that would choose another database never passes. Forwarded headers from outside are dropped by the entry point, which trusts nobody.
 */
export function routeConfig(id: NodeId, spec: RouteSpec, addressOf: (node: string) => string): object {
  const key = configKey(id);
  const paths = spec.paths.map((path, index) => ({ ...path, key: `${key}-path${index}` }));
  return {
    ...tlsOptions(key, spec),
    http: {
      routers: { ...answeringRouters(key, spec), ...refusingRouters(key, spec) },
      middlewares: { ...middlewares(key, spec) },
      services: Object.fromEntries(
        [{ key, node: spec.node, port: spec.port }, ...paths].map((one) => [
          one.key,
          {
            loadBalancer: { servers: [{ url: `http://${addressOf(one.node)}:${one.port}` }], passHostHeader: true, serversTransport: key },
          },
        ]),
      ),
      serversTransports: { [key]: { forwardingTimeouts: { dialTimeout: "5s", responseHeaderTimeout: "180s" } } },
    },
  };
}

function hostRule(spec: RouteSpec): string {
  return spec.hosts.map((host) => `Host(\`${host}\`)`).join(" || ");
}

/** Odoo also takes a language before a path: `/de/web/login` is `/web/login`. So one part more is looked behind. */
function anyOf(paths: readonly string[]): string {
  const words = paths.map((path) => path.slice(1).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return `PathRegexp(\`^(/[^/]+)?/(${words.join("|")})(/|$)\`)`;
}

/** The same for all routes of a host: Traefik falls back to the default options where they differ. */
function tlsOf(key: string, { acme }: RouteSpec): object {
  return acme === true ? { options: `${key}@file` } : {};
}

/** As everywhere, but the ingress's own certificate is shown as long as none came. In the file of the route, which may be written before the ingress knows who signs. */
function tlsOptions(key: string, { acme }: RouteSpec): object {
  return acme === true ? { tls: { options: { [key]: { ...TLS_OPTIONS, sniStrict: false } } } } : {};
}

function askingTls(key: string, spec: RouteSpec): object {
  return spec.acme === true ? { ...tlsOf(key, spec), certResolver: ACME_RESOLVER } : tlsOf(key, spec);
}

function answeringRouters(key: string, spec: RouteSpec): Named {
  const shared = { entryPoints: ["websecure"], tls: tlsOf(key, spec) };
  const hosts = hostRule(spec);
  const counted = [`${key}-headers`, `${key}-requests`];
  const all = [...counted, `${key}-at-once`];
  const { logins, reports } = spec.limits;
  return {
    // One of them asks for the certificate: after a failure each that names the resolver would ask again.
    [key]: { ...shared, tls: askingTls(key, spec), service: key, rule: hosts, priority: 1, middlewares: all },
    ...Object.fromEntries(
      spec.paths.map((path, index) => [
        `${key}-path${index}`,
        {
          ...shared,
          service: `${key}-path${index}`,
          rule: `(${hosts}) && PathPrefix(\`${path.prefix}\`)`,
          priority: path.prefix.length + 1,
          middlewares: path.calls
            ? [`${key}-headers`, `${key}-calls`, `${key}-calls-at-once`]
            : path.stays
              ? [...counted, ...staying(key, spec, path.node)]
              : all,
        },
      ]),
    ),
    [`${key}-logins`]: {
      ...shared,
      service: key,
      // Only attempts count as sign-ins: opening the page is a request like any other. What Odoo reads as JSON it takes by every method.
      rule: `(${hosts}) && ${anyOf(logins.paths)} && (!(Method(\`GET\`) || Method(\`HEAD\`)) || ${JSON_BODY})`,
      priority: FIRST.logins,
      middlewares: [`${key}-headers`, `${key}-logins`, `${key}-logins-at-once`],
    },
    [`${key}-reports`]: {
      ...shared,
      service: key,
      rule: `(${hosts}) && ${anyOf(reports.paths)}`,
      priority: FIRST.reports,
      middlewares: [`${key}-headers`, `${key}-reports`, `${key}-reports-at-once`],
    },
  };
}

/** Where a connection that stays takes a thread of the process that answers everything else, one client has so many. */
function staying(key: string, spec: RouteSpec, node: string): readonly string[] {
  return node === spec.node ? [`${key}-staying`] : [];
}

function refusingRouters(key: string, spec: RouteSpec): Named {
  const { bodyBytes, callBodyBytes, logins } = spec.limits;
  const hosts = hostRule(spec);
  const refuse = (rule: string, priority: number, middleware: string) => ({
    entryPoints: ["websecure"],
    tls: tlsOf(key, spec),
    service: key,
    rule: `(${hosts}) && ${rule}`,
    priority,
    middlewares: [`${key}-headers`, middleware],
  });
  const larger = (bytes: number) => `HeaderRegexp(\`Content-Length\`, \`${moreThan(bytes)}\`)`;
  const called = anyOf([...logins.paths, ...spec.paths.filter((path) => path.calls).map((path) => path.prefix)]);
  const sends =
    "Method(`POST`) || Method(`PUT`) || Method(`PATCH`) || HeaderRegexp(`Content-Type`, `(?i)^(multipart/|application/x-www-form)`)";
  return {
    ...(spec.closedPaths.length === 0 ? {} : { [`${key}-closed`]: refuse(`(${closedRule(spec)})`, FIRST.closed, `${key}-closed`) }),
    [`${key}-oversized`]: refuse(larger(bodyBytes), FIRST.oversized, `${key}-oversized`),
    [`${key}-unmeasured`]: refuse(`!HeaderRegexp(\`Content-Length\`, \`.\`) && (${sends})`, FIRST.unmeasured, `${key}-unmeasured`),
    [`${key}-call-oversized`]: refuse(`${called} && ${larger(callBodyBytes)}`, FIRST.callOversized, `${key}-oversized`),
  };
}

/** What is closed is closed by any beginning that Odoo or a server before it may see in it. */
function closedRule({ closedPaths }: RouteSpec): string {
  return [...closedPaths.map((path) => `PathPrefix(\`${path}\`)`), anyOf(closedPaths)].join(" || ");
}

function middlewares(key: string, spec: RouteSpec): Named {
  const { requests, calls, logins, reports } = spec.limits;
  const refusal = (status: number) => ({ ipAllowList: { sourceRange: [NOBODY], rejectStatusCode: status } });
  return {
    [`${key}-headers`]: { headers: headersOf(spec) },
    ...(spec.closedPaths.length === 0 ? {} : { [`${key}-closed`]: refusal(403) }),
    [`${key}-oversized`]: refusal(413),
    [`${key}-unmeasured`]: refusal(411),
    [`${key}-requests`]: { rateLimit: rateLimit(requests) },
    [`${key}-at-once`]: { inFlightReq: { amount: requests.atOnce, ...CLIENT } },
    [`${key}-staying`]: { inFlightReq: { amount: STAYING_AT_ONCE, ...CLIENT } },
    [`${key}-calls`]: { rateLimit: rateLimit(calls) },
    [`${key}-calls-at-once`]: { inFlightReq: { amount: shareOf(requests.atOnce, SHARE_OF_CALLS), ...CLIENT } },
    [`${key}-logins`]: { rateLimit: rateLimit(logins) },
    [`${key}-logins-at-once`]: { inFlightReq: { amount: shareOf(requests.atOnce, SHARE_OF_LOGINS), ...CLIENT } },
    [`${key}-reports`]: { rateLimit: rateLimit(reports) },
    [`${key}-reports-at-once`]: { inFlightReq: { amount: reports.atOnce, ...CLIENT } },
  };
}

function shareOf(atOnce: number, share: number): number {
  return Math.max(1, Math.ceil(atOnce * share));
}

function rateLimit({ count, perSeconds }: RouteRate): object {
  const burst = Math.max(1, Math.ceil((count * 30) / perSeconds));
  return { average: count, period: `${perSeconds}s`, burst, ...CLIENT };
}

/**
 * Said to browsers with every answer. Frames of the same origin stay allowed: the website editor and previews of documents are such frames.
 * No `preload`: that list is of whole public domains, for years, and not ours to put a customer's domain on. No policy for content: Odoo sets its own where it needs one, and this would overwrite it.
 */
function headersOf({ ownsSubdomains }: RouteSpec): object {
  return {
    customRequestHeaders: { "X-Odoo-Database": "" },
    customResponseHeaders: { Server: "", "X-Powered-By": "" },
    stsSeconds: YEAR_SECONDS,
    stsIncludeSubdomains: ownsSubdomains,
    contentTypeNosniff: true,
    referrerPolicy: "strict-origin-when-cross-origin",
    customFrameOptionsValue: "SAMEORIGIN",
  };
}
