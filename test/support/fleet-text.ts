/** One document of a fleet; its spec as flow YAML, such as `{ region: here }`, or nothing. */
export function document(kind: string, name: string, spec?: string): string {
  return `apiVersion: ballast.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n${spec === undefined ? "" : `spec: ${spec}\n`}`;
}

/** The text of a fleet whose calendars have no maintenance windows: always closed, so the clock of the machine decides nothing in a test. */
export function withoutWindows(text: string): string {
  return text.replaceAll(/maintenance: .*\n/g, "maintenance: []\n");
}

export interface GroundRequest {
  /** Of the document `Fleet`. */
  readonly spec?: string;
  /** Maintenance windows of the calendar `office`; never when missing. */
  readonly maintenance?: string;
  /** Options of the Docker engine. */
  readonly engine?: string;
}

/** What every fleet needs before its tenants: itself, a region `here`, a calendar `office` and a pool `everyone`. */
export function ground(fleet: string, { spec, maintenance = "[]", engine = "{}" }: GroundRequest = {}): readonly string[] {
  return [
    document("Fleet", fleet, spec),
    document("Region", "here", `{ engine: { docker: ${engine} }, jurisdiction: DE }`),
    document("Calendar", "office", `{ zone: Europe/Berlin, coveredUntil: 2028-12-31, maintenance: ${maintenance} }`),
    document("Pool", "everyone"),
  ];
}
