/**
 * The characters that the page's fonts keep. Other characters come from the reader's fonts, which looks
 * different but can be read. In formulas they are an error of the build.
 */
const LATIN = characters(0x20, 0x7e);
const PUNCTUATION = '\u00a0‘’“”–—…·×÷−±°²³¹½éü©';

/** The text fonts lack these; styles/fonts.css takes them from the math font. */
const SIGNS = '∞√';

export const TEXT_CHARACTERS: ReadonlySet<string> = new Set(LATIN + PUNCTUATION + SIGNS);

/** Upright letters, and the italic ones that browsers draw a variable with. */
const ITALIC = `${characters(0x1d434, 0x1d44d)}${characters(0x1d44e, 0x1d454)}ℎ${characters(0x1d456, 0x1d467)}`;
/** U+2061 is the invisible “function of”. */
const MATH_SIGNS = '\u2061·⋅×÷−±=≈≠<>≤≥√∑∏∈∞ℓ⊤…⋯∣∥⌊⌋→αβδεθλμσΣ';

export const MATH_CHARACTERS: ReadonlySet<string> = new Set(LATIN + ITALIC + MATH_SIGNS);

function characters(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join(
    '',
  );
}
