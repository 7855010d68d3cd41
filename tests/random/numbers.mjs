// Random numbers from a seed, the same in every engine: integer arithmetic only, since the last bits of
// Math's functions differ between engines.

import { mersenne } from 'pure-rand/generator/mersenne';

/** A function that returns the next integer in [0, 2³²). */
export function random(seed) {
  const generator = mersenne(seed);
  return () => generator.next() >>> 0;
}

/** Numbers of mean 0 and variance 1: the sum of twelve uniform numbers less six (Irwin-Hall). */
export function normals(next, count) {
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let sum = -6;
    for (let draw = 0; draw < 12; draw++) sum += next() / 2 ** 32;
    numbers[i] = sum;
  }
  return numbers;
}

export function tensor(next, shape) {
  return { data: normals(next, elements(shape)), shape };
}

export function elements(shape) {
  return shape.reduce((product, size) => product * size, 1);
}
