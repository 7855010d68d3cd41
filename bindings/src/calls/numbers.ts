import { describe, QkvError } from '../errors.js';
import { following } from '../memory/following.js';
import { elementsOf } from '../shape.js';
import { adviceForBytes } from './float-data.js';
import { expectFloat32 } from './scalars.js';
import { expectStorage } from './tensors.js';
import { asPlainView, typeOfArray } from './typed-arrays.js';

/** Reads any array of numbers with as many elements as `shape` says. */
export function readNumbers(argument: string, input: unknown, shape: readonly number[]) {
  const type = typeOfArray(input);
  if (typeof input !== 'object' || input === null || type?.startsWith('Big')) {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: 'an array of numbers',
      received: describe(input),
    });
  }
  if (type === 'Float32Array') {
    const data = asPlainView(input as Float32Array);
    expectStorage(argument, { data, shape }, argument);
    return following(data);
  }
  const list = input as ArrayLike<unknown>;
  const { length } = list;
  if (typeof length !== 'number' || length !== elementsOf(shape)) {
    throw new QkvError('ERR_SHAPE', {
      argument,
      expected: `${elementsOf(shape)} numbers for shape ${describe([...shape])}`,
      received: describe(length),
      fix: adviceForBytes(input, elementsOf(shape)),
    });
  }
  const numbers = new Float32Array(length);
  for (let i = 0; i < length; ++i) {
    const number = list[i];
    if (typeof number !== 'number') {
      throw new QkvError('ERR_TYPE', {
        argument: `${argument}[${i}]`,
        expected: 'a number',
        received: describe(number),
      });
    }
    expectFloat32(`${argument}[${i}]`, number);
    numbers[i] = number;
  }
  return () => numbers;
}
