import shades from 'virtual:cividis';

/** Cividis from dark to bright, as 0xRRGGBB. Colour-blind readers see it almost as others do. */
export const CIVIDIS: readonly number[] = (shades.match(/.{6}/g) ?? []).map((shade) =>
  Number.parseInt(shade, 16),
);

/** The colour of a number from 0 to 1, as CSS writes it. */
export function cividis(value: number): string {
  const index = Math.round(Math.min(Math.max(value, 0), 1) * (CIVIDIS.length - 1));
  const rgb = CIVIDIS[index] ?? 0;
  return `rgb(${rgb >>> 16}, ${(rgb >>> 8) & 0xff}, ${rgb & 0xff})`;
}
