/** Only this module decides what the page reads as a number. */
export type Reading =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly problem: string };

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const DECIMAL_COMMA = /^[+-]?\d*,\d+$/;
const OTHER_BASE = /^[+-]?0[xob]/i;
const LONGEST = 40;

/**
 * Reads a decimal number. Spaces around it are ignored. The typographic minus sign is read as a minus,
 * so that numbers copied from the page can be pasted into it.
 */
export function readNumber(text: string): Reading {
  const trimmed = text
    .trim()
    .replace(/^\u2212/, '-')
    .replace(/([eE])\u2212/, '$1-');
  if (trimmed === '') return refuse('It is empty.');
  if (trimmed.length > LONGEST) return refuse(`Too long. At most ${LONGEST} characters.`);
  if (DECIMAL_COMMA.test(trimmed))
    return refuse(`Write ${withPoint(trimmed)}: a point, not a comma.`);
  if (OTHER_BASE.test(trimmed)) return refuse('Write it in decimal: the page reads only base ten.');
  if (!DECIMAL.test(trimmed)) {
    return refuse(
      'Not a number. A number has digits, and may have a minus sign, one point and an exponent such as 1e-3.',
    );
  }
  return readValue(Number(trimmed));
}

/** Checks a number from JSON: single precision must be able to hold it. */
export function readValue(value: number): Reading {
  const stored = Math.fround(value);
  if (!Number.isFinite(stored)) return refuse('Too large. Single precision ends near 3.4e38.');
  if (stored === 0 && value !== 0) {
    return refuse('Too close to zero. Single precision would round it to 0.');
  }
  return { ok: true, value };
}

function withPoint(text: string): string {
  return text.replace(/^([+-]?),/, '$10,').replace(',', '.');
}

function refuse(problem: string): Reading {
  return { ok: false, problem };
}
