import { expect } from 'vitest';
import { halfUnit, toNumber } from './printedNumbers.ts';

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
