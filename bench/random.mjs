// The same numbers in every engine: mulberry32, and unit-normal ones of it by Box and Muller.

/** Uniform in (0, 1). */
export function uniformNumbers(seed, count) {
  const numbers = new Float64Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    numbers[i] = (((bits ^ (bits >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  }
  return numbers;
}

export function normalNumbers(seed, count) {
  const uniform = uniformNumbers(seed, count + (count % 2));
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform[i]));
    const angle = 2 * Math.PI * uniform[i + 1];
    numbers[i] = radius * Math.cos(angle);
    if (i + 1 < count) numbers[i + 1] = radius * Math.sin(angle);
  }
  return numbers;
}
