/** The one place that decides what counts as a number on this page. */
export type Reading =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly problem: string };

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const DECIMAL_COMMA = /^[+-]?\d*,\d+$/;
const OTHER_BASE = /^[+-]?0[xob]/i;
const LONGEST = 40;

/**
 * Reads a decimal number as the engine will hold it. Spaces around it are ignored, and the
 * typographic minus that this page prints is read as a minus, so that what is copied from the page
 * can be pasted into it.
 */
export function readNumber(text: string): Reading {
  const trimmed = text
    .trim()
    .replace(/^\u2212/, '-')
    .replace(/([eE])\u2212/, '$1-');
  if (trimmed === '') return refuse('is empty.');
  if (trimmed.length > LONGEST) return refuse(`Too long. At most ${LONGEST} characters.`);
  if (DECIMAL_COMMA.test(trimmed))
    return refuse(`Write ${withPoint(trimmed)}: a point, not a comma.`);
  if (OTHER_BASE.test(trimmed)) return refuse('Write it in decimal: only base ten is read.');
  if (!DECIMAL.test(trimmed)) {
    return refuse('Not a number. Digits, one point, a minus, an exponent such as 1e-3.');
  }
  return readValue(Number(trimmed));
}

/** A number that came as one, from JSON: whether single precision holds it. */
export function readValue(value: number): Reading {
  const stored = Math.fround(value);
  if (!Number.isFinite(stored)) return refuse('Too large. Single precision ends near 3.4e38.');
  if (stored === 0 && value !== 0) {
    return refuse('Too close to zero. Single precision would make it 0.');
  }
  return { ok: true, value };
}

function withPoint(text: string): string {
  return text.replace(/^([+-]?),/, '$10,').replace(',', '.');
}

function refuse(problem: string): Reading {
  return { ok: false, problem };
}
