export interface OsRelease {
  /** `debian`, `ubuntu`, …; empty where the machine does not say. */
  readonly id: string;
  readonly version: string;
}

/** Reads the text of /etc/os-release. */
export function parseOsRelease(content: string): OsRelease {
  const value = (key: string): string => {
    const line = content.split("\n").find((candidate) => candidate.startsWith(`${key}=`));
    return line === undefined ? "" : line.slice(key.length + 1).replace(/^(["'])(.*)\1$/, "$2");
  };
  return { id: value("ID"), version: value("VERSION_ID") };
}
