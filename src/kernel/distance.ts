/** Edit distance with transposition (optimal string alignment, Damerau 1964), for "did you mean". */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row.push(cellCost(rows, row, { a, b, i, j }));
    rows.push(row);
  }
  return (rows[a.length] as number[])[b.length] as number;
}

function cellCost(rows: readonly number[][], row: readonly number[], at: { a: string; b: string; i: number; j: number }): number {
  const { a, b, i, j } = at;
  const above = rows[i - 1] as number[];
  const same = a[i - 1] === b[j - 1] ? 0 : 1;
  const plain = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + same);
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(plain, ((rows[i - 2] as number[])[j - 2] as number) + 1) : plain;
}

/** The nearest of the legal words, or undefined when none is near enough to be a likely slip. */
export function nearest(word: string, legal: Iterable<string>): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const candidate of legal) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= Math.max(1, Math.floor(candidate.length / 3)) && (best === undefined || distance < best.distance)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word;
}

/** `. Did you mean "x"?`, or nothing when no legal word is near. */
export function suggestion(word: unknown, legal: Iterable<string>): string {
  const meant = typeof word === "string" && word.length <= 100 ? nearest(word, legal) : undefined;
  return meant === undefined ? "" : `. Did you mean "${meant}"?`;
}
