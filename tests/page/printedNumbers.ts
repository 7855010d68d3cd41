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
