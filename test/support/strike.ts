import { existsSync, readFileSync, writeFileSync } from "node:fs";

export type Moment = "before" | "after";

/**
 * A hook that kills this process once at each point it is told of: the file remembers where it struck, so that the next process gets one step further.
 * @param wanted which points to strike at all.
 */
export function strikeOnceAt(file: string, wanted: (name: string, moment: Moment) => boolean) {
  return function strike(name: string, moment: Moment): void {
    if (!wanted(name, moment)) return;
    const struck = struckIn(file);
    const point = `${moment} ${name}`;
    if (struck.includes(point)) return;
    writeFileSync(file, JSON.stringify([...struck, point]));
    process.kill(process.pid, "SIGKILL");
  };
}

/** Where it struck so far, in order. */
export function struckIn(file: string): readonly string[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : [];
}
