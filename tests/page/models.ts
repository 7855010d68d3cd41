/** Links to pages with everything that a reader can set: the matrices and each option. */
export const MODELS: Record<string, string> = {
  'the article': '',
  'numbers of all sizes':
    'q=1x2x2:-0.125,1e-7,3.25,-4&k=1x3x2:1.5,-2,0.1,7,1e5,0.3&v=1x3x1:1e-8,-123456.789,0.1',
  'scale off': 'scale=1',
  'a scale and a softcap of one’s own': 'scale=5.049&softcap=3.5',
  'causal, the last query at the last key': `${matrices(1, 1, 2, 4)}&causal=1&end=1`,
  'a window on both sides': `${matrices(1, 1, 4, 4)}&left=1&right=0`,
  'a drawn mask that leaves a row empty': `${matrices(1, 1, 2, 3)}&mask=000,101`,
  'everything at once, grouped heads': `${matrices(4, 2, 3, 5)}&causal=1&end=1&left=2&mask=11111,10111,11101&softcap=2&scale=3`,
  'heads that share one key head': `${matrices(3, 1, 2, 3)}&causal=1`,
  'plainly causal': `${matrices(1, 1, 3, 3)}&causal=1`,
};

/** The part of an address after #. */
export function hashOf(model: string, step = 4): string {
  return `#${['qkv=1', model, `step=${step}`].filter(Boolean).join('&')}`;
}

/** Numbers without any pattern: sines of consecutive ones. */
function matrices(heads: number, keyHeads: number, queries: number, keys: number): string {
  let at = 0;
  const [depth, width] = [3, 2];
  const filled = (h: number, rows: number, columns: number) =>
    `${h}x${rows}x${columns}:${Array.from(
      { length: h * rows * columns },
      () => Math.round(Math.sin(++at * 1.7) * 300) / 100,
    ).join(',')}`;
  return [
    `q=${filled(heads, queries, depth)}`,
    `k=${filled(keyHeads, keys, depth)}`,
    `v=${filled(keyHeads, keys, width)}`,
  ].join('&');
}
