import type { EgressSpec } from "../../../../domain/stack/kinds/egress.ts";

export const PROXY_PORT = 3128;
/** Begins each line of the proxy's log that tells of a request. */
export const REQUEST_MARK = "ballast-egress";

/**
 * Addresses that are nobody's outside: this machine, private networks, the metadata service of clouds (IANA, special-purpose address registry).
 * A public name may point there, at once (SSRF) or later (DNS rebinding).
 */
export const INWARD = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
] as const;

/**
 * The configuration of the proxy. An undeclared name is refused before anybody asks for its address: a question to a name server carries data out too.
 * Who asks over TLS is led through unread; plain HTTP is for nobody, since integrations are declared as https.
 */
export function squidConfig({ allow }: Pick<EgressSpec, "allow">, inside: string): string {
  const rules = allow.flatMap(({ host, port, networks }, index) => [
    `acl host${index} dstdomain -n ${host}`,
    `acl port${index} port ${port}`,
    ...(networks.length === 0 ? [] : [`acl range${index} dst ${networks.join(" ")}`]),
    `http_access allow host${index} port${index} ${networks.length === 0 ? "!inward" : `range${index}`}`,
  ]);
  return [...SETTINGS, `acl inside src ${inside}`, ...BEFORE, ...rules, "http_access deny all", ""].join("\n");
}

const BEFORE = [`acl tunnel method CONNECT`, `acl inward dst ${INWARD.join(" ")}`, "http_access deny !inside", "http_access deny !tunnel"];

const SETTINGS = [
  `http_port ${PROXY_PORT}`,
  "visible_hostname egress",
  "httpd_suppress_version_string on",
  "pid_filename none",
  "coredump_dir /tmp",
  "hosts_file none",
  "dns_defnames off",
  "cache deny all",
  "cache_mem 0 MB",
  "memory_pools off",
  "max_filedescriptors 4096",
  "pinger_enable off",
  "netdb_filename none",
  "cache_log stdio:/dev/stderr",
  "cache_store_log none",
  "logfile_rotate 0",
  "forwarded_for delete",
  "request_start_timeout 30 seconds",
  "request_timeout 30 seconds",
  // A name that is not found now may be there in a moment, and whoever asks again is not told of the past.
  "negative_dns_ttl 1 second",
  "connect_timeout 10 seconds",
  "read_timeout 5 minutes",
  "client_lifetime 1 hour",
  "shutdown_lifetime 2 seconds",
  // Host and port alone: a path or a query may hold what is secret.
  `logformat ballast ${REQUEST_MARK} %ts.%03tu %>a %rm %>rd %>rP %03>Hs %Ss`,
  "access_log stdio:/dev/stdout logformat=ballast",
];
