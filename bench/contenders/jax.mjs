// @jax-js/jax on its WebAssembly backend: its own attention, compiled by jit. Its inputs stay in its memory.

import { swapHeadsAndRows, swappedData } from './layout.mjs';

export async function openJax() {
  const jax = await import('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const prepare = ({ options }, { query, key, value }) => {
    if (options.some((name) => name !== 'causal')) return undefined;
    const arrays = [query, key, value].map((tensor) => {
      const { data, shape } = swapHeadsAndRows(tensor);
      return jax.numpy.array(data, { shape });
    });
    const isCausal = options.includes('causal');
    const attend = jax.jit((q, k, v) => jax.nn.dotProductAttention(q, k, v, { isCausal }));
    const [, heads, rows, columns] = query.shape;
    return {
      run: () => attend(...arrays.map((array) => array.ref)).data(),
      outputOf: (data) => swappedData({ data, shape: [1, rows, heads, columns] }),
      dispose() {
        for (const array of arrays) array.dispose();
        attend.dispose();
      },
    };
  };
  return { prepare };
}
