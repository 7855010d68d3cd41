import { createAttention } from 'qkv';
import { createModel } from './model.mjs';

const LETTERS = 40;

const model = createModel();
const attention = await createAttention();
const cache = attention.createKVCache({ heads: model.heads, depth: model.depth, capacity: 64 });

let tokens = model.tokensOf('attention is ');
process.stdout.write('attention is ');
for (let step = 0; step < LETTERS; step++) {
  // First the whole prompt, then one letter at a time.
  const { query, key, value } = model.project(tokens);
  cache.append(key, value);
  const { output } = attention.attend(query, cache, { isCausal: true });
  const next = model.mostLikely(output);
  process.stdout.write(model.textOf([next]));
  tokens = [next];
}
console.log(`\n${cache.length} keys in the cache`);
cache.dispose();
attention.dispose();
