import { type Reading, readNumber } from './numberGrammar.ts';

/** Reads a whole number between two bounds, both allowed, by the page's one grammar of numbers. */
export function readWhole(text: string, least: number, most: number): Reading {
  const reading = readNumber(text);
  if (!reading.ok) return reading;
  const { value } = reading;
  if (Number.isInteger(value) && value >= least && value <= most) return reading;
  return { ok: false, problem: `A whole number from ${least} to ${most} is needed.` };
}
