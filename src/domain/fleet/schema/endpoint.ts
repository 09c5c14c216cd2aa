import { type Complaint, text } from "./forms.ts";

/** Says what is wrong without repeating the value: it may hold a password. */
function urlComplaint(value: string): Complaint | undefined {
  const code = "BAL-F052";
  const hint = "write https://host/path; what proves who we are is named by credential";
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || /\s/.test(value)) return { code, text: "{field} is not a URL", hint };
  if (url.protocol !== "https:") return { code, text: `{field} must be https, not ${url.protocol.slice(0, -1)}`, hint };
  if (url.username !== "" || url.password !== "") return { code, text: "{field} has a user name or password in it", hint };
  return url.search === "" && url.hash === "" ? undefined : { code, text: "{field} has a query or fragment, where keys tend to be", hint };
}

/** An https URL without anything secret in it. */
export const httpsUrl = text(/^https:\/\/[^\s@?#]+$/, urlComplaint);

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
