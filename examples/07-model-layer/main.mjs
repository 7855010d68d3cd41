import { createAttention } from 'qkv';
import { MultiHeadAttention } from './layer.mjs';

const WIDTH = 48;
const HEADS = 6;
const KEY_HEADS = 2; // each is shared by three query heads
const DEPTH = 8;
const LENGTH = 20;

const weights = {
  query: matrix(WIDTH, HEADS * DEPTH),
  key: matrix(WIDTH, KEY_HEADS * DEPTH),
  value: matrix(WIDTH, KEY_HEADS * DEPTH),
  output: matrix(HEADS * DEPTH, WIDTH),
};
const text = { data: matrix(LENGTH, WIDTH), shape: [LENGTH, WIDTH] };

const attention = await createAttention();
const options = { heads: HEADS, keyHeads: KEY_HEADS, depth: DEPTH, weights };
const layer = new MultiHeadAttention(attention, options);
const atOnce = layer.forward(text).data;

layer.rewind(0);
const rowByRow = [];
for (let i = 0; i < LENGTH; i++) {
  const row = text.data.subarray(i * WIDTH, (i + 1) * WIDTH);
  rowByRow.push(...layer.forward({ data: row, shape: [1, WIDTH] }).data);
}
const furthest = Math.max(...atOnce.map((x, i) => Math.abs(x - rowByRow[i])));
console.log(`${LENGTH} rows at once and row by row differ by ${furthest.toExponential(1)}`);
console.log(
  'last row starts',
  ...Array.from(atOnce.slice(-WIDTH).slice(0, 4), (x) => x.toFixed(5)),
);
layer.dispose();

/** Some numbers about 0, the same in every run. */
function matrix(rows, columns) {
  return Float32Array.from(
    { length: rows * columns },
    (_, i) => Math.sin(i * i + rows + columns) / 4,
  );
}
