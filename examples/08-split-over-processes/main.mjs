import { createAttention } from 'qkv';
import { attendSplit } from './split.mjs';

const QUERIES = 8;
const KEYS = 1000;
const PROCESSES = 3;

const query = tensor([2, QUERIES, 16]); // [H, L, D]
const key = tensor([2, KEYS, 16]);
const value = tensor([2, KEYS, 16]);

const attention = await createAttention();
const split = await attendSplit(attention, { query, key, value }, PROCESSES);
const options = { isCausal: true, queryOffset: 'end' };
const whole = attention.attend(query, key, value, options).output;
const furthest = Math.max(...split.data.map((x, i) => Math.abs(x - whole.data[i])));
console.log(`${PROCESSES} processes and one differ by ${furthest.toExponential(1)}`);

/** Some numbers in [−1, 1], the same in every run. */
function tensor(shape) {
  const length = shape.reduce((a, b) => a * b);
  return { data: Float32Array.from({ length }, (_, i) => Math.sin(i * i + length)), shape };
}
