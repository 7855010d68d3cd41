// Gradients: what a call needs for them.

import { WORKED } from './setting.mjs';

const GRADIENT = [[1, 1]];
/** dQ of the worked example, in float64. */
const EXPECTED = [0.0197589815461, 0.0197589815461];

export const CASES = [
  {
    name: 'a forward pass without logSumExp',
    given: ({ attention }) =>
      attention.backward(...WORKED, GRADIENT, { forward: attention.attend(...WORKED) }),
    ways: {
      captured: ({ attention }) => {
        const forward = attention.attend(...WORKED, { capture: ['logSumExp'] });
        return attention.backward(...WORKED, GRADIENT, { forward }).query.data;
      },
      'left out': ({ attention }) => attention.backward(...WORKED, GRADIENT, {}).query.data,
    },
    expected: EXPECTED,
  },
  {
    name: 'the gradient of an option that is not given',
    given: ({ attention }) =>
      attention.backward(...WORKED, GRADIENT, { wanted: ['query', 'bias'] }),
    ways: {
      given: ({ attention }) => {
        const options = { bias: [[0, 0]], wanted: ['query', 'bias'] };
        return attention.backward(...WORKED, GRADIENT, options).query.data;
      },
      'left out': ({ attention }) =>
        attention.backward(...WORKED, GRADIENT, { wanted: ['query'] }).query.data,
    },
    expected: EXPECTED,
  },
];
