// @ruvector/attention-wasm: one query for each call, keys and values as arrays of rows.

import { rowsByHead } from './layout.mjs';

export async function openRuvector({ bytesAt }) {
  const ruvector = await import('@ruvector/attention-wasm');
  const module = import.meta.resolve('@ruvector/attention-wasm');
  const wasm = await bytesAt(new URL('ruvector_attention_wasm_bg.wasm', module));
  await ruvector.default({ module_or_path: wasm });
  const prepare = ({ heads, keyHeads, options }, { query, key, value }) => {
    if (options.length > 0) return undefined;
    const [queries, keys, values] = [query, key, value].map(rowsByHead);
    const group = heads / keyHeads;
    const output = new Float32Array(query.data.length);
    const depth = query.shape[3];
    return {
      run() {
        let at = 0;
        for (let h = 0; h < heads; h++) {
          const keyHead = Math.floor(h / group);
          for (const row of queries[h]) {
            output.set(ruvector.scaled_dot_attention(row, keys[keyHead], values[keyHead]), at);
            at += depth;
          }
        }
        return output;
      },
      outputOf: (data) => data,
    };
  };
  return { prepare };
}
