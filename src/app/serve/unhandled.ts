/**
 * One piece of work that nobody awaited must not end all others, nor be silent: it is told with its stack, and the process goes on. What was thrown outside
 * of any promise still ends it: nobody knows what is left half done then.
 */
export function outliveUnhandled(tell: (reason: unknown, at: string) => void): void {
  process.on("unhandledRejection", (reason) => tell(reason, "a promise that nobody awaited"));
}
