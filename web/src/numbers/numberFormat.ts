/** How numbers are printed. Nothing is computed here: the engine's number becomes text. */

/** Digits after the point, by kind of number. */
export const DIGITS = { score: 5, weight: 6, output: 4 } as const;

/** float32 has a little over seven digits; more digits would be noise. */
const SIGNIFICANT = 7;
const MINUS = '\u2212';

/**
 * Prints a fixed number of decimals. Prints fewer where single precision has no more digits, and an
 * exponent where all decimals would be zero.
 */
export function formatFixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  const magnitude = Math.abs(value);
  if (magnitude === 0) return (0).toFixed(digits);
  if (magnitude >= 1e7 || magnitude < 0.5 * 10 ** -digits) return formatExponent(value);
  const whole = Math.max(1, Math.floor(Math.log10(magnitude)) + 1);
  return withMinus(value.toFixed(Math.min(digits, SIGNIFICANT - whole)));
}

/** Prints as few digits as possible: for the reader's numbers and exact products of them. */
export function formatShort(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e7 || magnitude < 1e-6)) return formatExponent(value);
  return withMinus(String(Number(value.toPrecision(SIGNIFICANT))));
}

function formatExponent(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(3).split('e');
  return withMinus(`${String(Number(mantissa))}e${exponent.replace('+', '')}`);
}

function formatNonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '\u221e' : `${MINUS}\u221e`;
}

function withMinus(text: string): string {
  return text.replaceAll('-', MINUS);
}
