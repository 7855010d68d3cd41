// The JavaScript reference of rotary position embedding (arXiv:2104.09864), as ONNX RotaryEmbedding means it:
// plain loops in double precision. Angles are exact at any position, since fixed-point numbers of 128 bits
// are reduced modulo a turn before they are rounded.

import Decimal from 'decimal.js';

const Exact = Decimal.clone({ precision: 60 });
const BITS = 128;
const inFixedPoint = (number) => BigInt(number.times(new Exact(2).pow(BITS)).toFixed(0));
const TURN = inFixedPoint(Exact.acos(-1).times(2));

/** The angle of pair i at a position, position·base^(−2i/R), modulo a turn. */
function angleOf(position, base, pair, rotaryDim) {
  const angle = (BigInt(position) * frequencyOf(base, pair, rotaryDim)) % TURN;
  return Number(angle) / 2 ** BITS;
}

const frequencies = new Map();
function frequencyOf(base, pair, rotaryDim) {
  const name = `${base} ${pair} ${rotaryDim}`;
  if (!frequencies.has(name)) {
    const exponent = new Exact(-2 * pair).div(rotaryDim);
    frequencies.set(name, inFixedPoint(new Exact(base).pow(exponent)));
  }
  return frequencies.get(name);
}

/**
 * x [.., L, D] rotated, with the options of rotaryEmbedding(); tables are { data, shape }.
 *
 * @returns {{ data: Float64Array, shape: readonly number[] }}
 */
export function rotaryReference({ data, shape }, options = {}) {
  const { layout = 'bhld', interleaved = false, base = 10_000 } = options;
  const [batch, second, third, depth] = [1, 1, ...shape].slice(-4);
  const headsFirst = layout === 'bhld' || shape.length === 2;
  const [heads, rows] = headsFirst ? [second, third] : [third, second];
  const rotaryDim = options.rotaryDim || depth;
  const half = rotaryDim / 2;
  const rotated = Float64Array.from(data);
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let l = 0; l < rows; l++) {
        const row = headsFirst ? (b * heads + h) * rows + l : (b * rows + l) * heads + h;
        for (let pair = 0; pair < half; pair++) {
          const i = row * depth + (interleaved ? 2 * pair : pair);
          const j = i + (interleaved ? 1 : half);
          const position = positionOf(options, b, l, rows);
          const [cos, sin] = options.cos
            ? [options.cos, options.sin].map((table) => table.data[position * half + pair])
            : turnBy(angleOf(position, base, pair, rotaryDim));
          rotated[i] = cos * data[i] - sin * data[j];
          rotated[j] = sin * data[i] + cos * data[j];
        }
      }
  return { data: rotated, shape };
}

const turnBy = (angle) => [Math.cos(angle), Math.sin(angle)];

/** The position of row l of batch element b; with tables, the row of the tables. */
function positionOf({ positions = 0, cos }, b, l, rows) {
  if (cos?.shape.length === 3) return b * rows + l;
  if (typeof positions === 'number') return positions + l;
  return Array.isArray(positions[0]) ? positions[b][l] : positions[l];
}
