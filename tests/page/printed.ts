import { expect } from 'vitest';

/** Reads a number as the page prints it. */
export function toNumber(text: string): number {
  const plain = text.trim().replaceAll('\u2212', '-');
  if (!/^-?\d+(\.\d+)?(e-?\d+)?$/.test(plain)) throw new Error(`not a printed number: "${text}"`);
  return Number(plain);
}

/** Half a unit of the last digit that is printed. */
export function halfUnit(text: string): number {
  const [mantissa, exponent = '0'] = text.replaceAll('\u2212', '-').split('e');
  const decimals = mantissa.split('.')[1]?.length ?? 0;
  return 0.5 * 10 ** (Number(exponent) - decimals) * (1 + 1e-9);
}

/** The text is the wanted number, within its rounding and what single precision loses. */
export function expectPrinted(text: string, wanted: number, name: string, lost = 2e-6): void {
  if (!Number.isFinite(wanted)) {
    expect(text, name).toBe(wanted > 0 ? '∞' : '−∞');
    return;
  }
  const tolerance = halfUnit(text) + lost * Math.max(1, Math.abs(wanted));
  const error = Math.abs(toNumber(text) - wanted);
  expect(error, `${name} shows ${text}, is ${wanted}`).toBeLessThanOrEqual(tolerance);
}
