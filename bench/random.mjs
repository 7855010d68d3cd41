// The same numbers in every engine: mulberry32, and unit-normal ones of it by Box and Muller.

/** `count` numbers in (0, 1). */
export function* uniformNumbers(seed, count) {
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    yield (((bits ^ (bits >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  }
}

export function* normalNumbers(seed, count) {
  const uniform = uniformNumbers(seed, count + (count % 2));
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform.next().value));
    const angle = 2 * Math.PI * uniform.next().value;
    yield radius * Math.cos(angle);
    if (i + 1 < count) yield radius * Math.sin(angle);
  }
}
