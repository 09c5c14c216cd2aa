import type { Probe } from "../../domain/odoo/probes.ts";

/** The health check of an Odoo container, asked inside it: Python is there in every image, and raises for any status that is not good. */
export function healthCommand({ path, body }: Probe, port: number): readonly string[] {
  const post = body === undefined ? "" : `, data=b'${body}', headers={"Content-Type": "application/json"}`;
  return ["python3", "-c", `import urllib.request as u; u.urlopen(u.Request("http://127.0.0.1:${port}${path}"${post}), timeout=8)`];
}
