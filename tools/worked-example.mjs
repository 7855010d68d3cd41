// The example of the article "A Simple Guide to Transformers and Attention Mechanisms". The package computes
// it in this Node, and prints every step.

import { createAttention } from 'qkv';

const QUERY = [[3, 4]];
const KEY = [
  [1, 2],
  [2, 3],
];
const VALUE = [
  [7, 8],
  [9, 10],
];

export async function printWorkedExample() {
  const attention = await createAttention();
  try {
    const trace = attention.trace(QUERY, KEY, VALUE);
    const steps = [
      ['Q·Kᵀ', 'matching', trace.products],
      ['÷ √2', 'adjusting the scale', trace.scaled],
      ['softmax', 'chances', trace.weights],
      ['· V', 'applying them', trace.output],
    ];
    console.log(
      ['', ...problem(), '', ...steps.map(stepLine), '', ...engineLines(attention.info), ''].join(
        '\n',
      ),
    );
  } finally {
    attention.dispose();
  }
}

function problem() {
  const matrices = Object.entries({ Q: QUERY, K: KEY, V: VALUE });
  const inputs = matrices.map(
    ([name, rows]) => `${name} = [${rows.map((row) => row.join(' ')).join('; ')}]`,
  );
  return ['  Attention(Q, K, V) = softmax(Q·Kᵀ / √d_k) · V', `  ${inputs.join('    ')}    d_k = 2`];
}

function stepLine([formula, meaning, { data }], index) {
  const numbers = Array.from(data, (number) => sixDigits(number).padEnd(12));
  return `  ${index + 1}  ${formula.padEnd(9)}${meaning.padEnd(22)}${numbers.join('').trimEnd()}`;
}

// A float32 has about six exact digits. 11 stays 11.
function sixDigits(number) {
  return String(Number(number.toPrecision(6)));
}

function engineLines({ version, variant, rejected }) {
  const others = rejected.map((other) => `  (not ${other.variant}: ${other.reason})`);
  return [
    `  computed by qkv ${version}, the C++ core as WebAssembly, variant '${variant}'`,
    ...others,
  ];
}
