// Formats numbers for tables.

/** Three digits: 43.1, 0.72, 1770. */
export function threeDigits(number) {
  if (number >= 100) return String(Math.round(number));
  return String(Number(number.toPrecision(3)));
}

export function percent(share) {
  return `${threeDigits(share * 100)}%`;
}

export function wholePercent(share) {
  return `${Math.round(share * 100)}%`;
}

export function times(ratio) {
  return `${ratio.toPrecision(3)}×`;
}

/** 2.3 s, 393 ms, 4.1 µs */
export function duration(seconds) {
  const [scale, unit] = seconds >= 1 ? [1, 's'] : seconds >= 1e-3 ? [1e3, 'ms'] : [1e6, 'µs'];
  return `${threeDigits(seconds * scale)} ${unit}`;
}
