/** Tells a fault that lasts once, and again only after it was over: an engine that is away for a night must not fill the disk with its absence. */
export function toldOnce(tell: (error: unknown) => void) {
  let said: string | undefined;
  return {
    fault: (error: unknown): void => {
      const words = error instanceof Error ? error.message : String(error);
      if (words !== said) tell(error);
      said = words;
    },
    over: (): void => {
      said = undefined;
    },
  };
}
