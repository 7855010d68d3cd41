/** No float32 needs more digits. */
const MOST_DIGITS = 9;

/** The shortest decimal that reads back as the same float32, for files. */
export function float32Text(value: number): string {
  const stored = Math.fround(value);
  if (!Number.isFinite(stored)) return String(stored);
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const text = stored.toPrecision(digits);
    if (Math.fround(Number(text)) === stored) return plain(text);
  }
  return plain(stored.toPrecision(MOST_DIGITS));
}

/** Writes no exponent where that is shorter, and never -0. */
function plain(text: string): string {
  return String(Number(text) + 0);
}
