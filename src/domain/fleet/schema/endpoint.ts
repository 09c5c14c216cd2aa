import { type Complaint, text } from "./forms.ts";

/** What a name server can be asked for, or an IPv4 address. Anything else could mean more than one host to whoever lets it through. */
const ONE_HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Says what is wrong without repeating the value: it may hold a password. */
function urlComplaint(value: string): Complaint | undefined {
  const code = "BAL-F052";
  const hint = "write https://host/path; what proves who we are is named by credential";
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || /\s/.test(value)) return { code, text: "{field} is not a URL", hint };
  if (url.protocol !== "https:") return { code, text: `{field} must be https, not ${url.protocol.slice(0, -1)}`, hint };
  if (url.username !== "" || url.password !== "") return { code, text: "{field} has a user name or password in it", hint };
  if (!ONE_HOST.test(url.hostname)) return { code, text: "{field} does not name one host", hint };
  return url.search === "" && url.hash === "" ? undefined : { code, text: "{field} has a query or fragment, where keys tend to be", hint };
}

/** An https URL without anything secret in it. */
export const httpsUrl = text(/^https:\/\/[^\s@?#]+$/, urlComplaint);

const CIDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** A range of IPv4 addresses that begins where its prefix says. */
export const addressRange = text(CIDR, (value) => {
  const code = "BAL-F047";
  const hint = "write the smallest range that holds its addresses, such as 10.20.0.0/24";
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = (CIDR.exec(value) ?? []).slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return { code, text: "is not a subnet", hint };
  if (prefix < 16) return { code, text: "must have a prefix of /16 or longer", hint };
  const size = 2 ** (32 - prefix);
  return (((a * 256 + b) * 256 + c) * 256 + d) % size === 0 ? undefined : { code, text: `does not start a /${prefix} network`, hint };
});

const PATH = /^(\/[A-Za-z0-9][A-Za-z0-9._~-]*)+$/;
/** What Odoo itself answers, or the proxy closes. */
const TAKEN = ["web", "websocket", "longpolling", "jsonrpc", "xmlrpc"] as const;

/** An absolute path of Odoo that somebody outside may call: exact, below nothing of Odoo's own. */
export const inboundPath = text(PATH, (value) => {
  const code = "BAL-F053";
  const hint = "write one exact path, such as /webhook/dhl";
  if (!PATH.test(value)) return { code, text: "is not an absolute path without wildcards", hint };
  const [, first] = value.split("/");
  return TAKEN.some((one) => one === first)
    ? { code, text: `is Odoo's own: nothing at or below /${first} can be opened`, hint }
    : undefined;
});
