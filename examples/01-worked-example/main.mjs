import { createAttention } from 'qkv';

const query = [[3, 4]]; // [L, D]
const key = [
  [1, 2],
  [2, 3],
]; // [S, D]
const value = [
  [7, 8],
  [9, 10],
]; // [S, Dv]

const attention = await createAttention();
const { weights, output } = attention.attend(query, key, value, { capture: ['weights'] });
console.log('weights', ...Array.from(weights.data, (x) => x.toFixed(6)));
console.log('output ', ...Array.from(output.data, (x) => x.toFixed(4)));
