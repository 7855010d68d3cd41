import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';

const query = tensor([4, 1500, 64]); // [H, L, D]
const key = tensor([4, 1500, 64]);
const value = tensor([4, 1500, 64]);

// 'simd' gives the same bits with any number of workers; the default may be faster.
const pool = await createAttentionPool({ variant: 'simd', workers: 2 });
const { output } = await pool.attend(query, key, value, {
  isCausal: true,
  onProgress: (done, total) => {
    if (done === total) console.log(`${pool.workers} workers: all of ${total} blocks done`);
  },
});

const attention = await createAttention({ variant: 'simd' });
const alone = attention.attend(query, key, value, { isCausal: true }).output;
const isSame = output.data.every((x, i) => x === alone.data[i]);
console.log(isSame ? 'the bits of one thread' : 'other bits than one thread');

const controller = new AbortController();
const changedMind = pool.attend(query, key, value, { signal: controller.signal });
controller.abort();
await changedMind.catch(({ code }) => console.log(code));

pool.dispose();

/** Some numbers in [−1, 1], the same in every run. */
function tensor(shape) {
  const length = shape.reduce((a, b) => a * b);
  return { data: Float32Array.from({ length }, (_, i) => Math.sin(i * i + length)), shape };
}
