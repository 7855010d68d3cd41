/** Says why a number is not a whole number between two bounds, both allowed; null if it is. */
export function unlessWhole(least: number, most: number): (value: number) => string | null {
  return (value) =>
    Number.isInteger(value) && value >= least && value <= most
      ? null
      : `It must be a whole number from ${least} to ${most}.`;
}
