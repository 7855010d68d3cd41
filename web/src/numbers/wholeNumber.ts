/** What is wrong with a number that should be whole and between two bounds, both allowed. */
export function unlessWhole(least: number, most: number): (value: number) => string | null {
  return (value) =>
    Number.isInteger(value) && value >= least && value <= most
      ? null
      : `A whole number from ${least} to ${most} is needed.`;
}
