/** Keeps asking with a few clients at once while something happens, and returns every answer in the order in which it came. */
export async function underLoad<T>(clients: number, ask: () => Promise<T>, happening: () => Promise<void>): Promise<readonly T[]> {
  const answers: T[] = [];
  let over = false;
  async function client(): Promise<void> {
    while (!over) answers.push(await ask());
  }
  const asking = Promise.all(Array.from({ length: clients }, client));
  try {
    await happening();
  } finally {
    over = true;
  }
  await asking;
  return answers;
}
