import { advice, describe, QkvError } from '../errors.js';
import type { MainModule } from '../loading/glue.js';
import type { Heap } from '../memory/heap.js';
import { adviceForShape } from './broadcast-advice.js';
import type { Call, Operand } from './call.js';
import type { WindowBounds } from './option-kinds.js';
import type { OptionValues } from './options.js';
import { notFinite } from './scalars.js';

type CodeName = Exclude<keyof MainModule['Code'], 'values'>;
type ArgumentName = Exclude<keyof MainModule['Argument'], 'values'>;

/** The members of qkv::Status, and the refused call. */
interface Refusal {
  readonly argument: ArgumentName;
  readonly index: number;
  readonly expected: number;
  readonly received: number;
  readonly call: Call;
}

/** The error for each code of the core. */
const ERRORS: Record<CodeName, (refusal: Refusal) => QkvError> = {
  zero_depth: ({ argument, call }) =>
    new QkvError('ERR_SHAPE', {
      argument,
      expected: 'a depth (last dimension of query and key) of at least 1',
      received: describe(call.query.shape),
    }),
  heads_not_divisible: ({ argument, expected, received }) =>
    new QkvError('ERR_SHAPE', {
      argument,
      expected: `key/value heads that divide the ${expected} query heads, of which consecutive ones share one`,
      received: `${received}`,
    }),
  not_broadcastable: ({ argument, index, expected, received, call }) =>
    new QkvError('ERR_SHAPE', {
      argument,
      expected: `dimension ${'BHLS'[index]} of 1 or ${expected} (shapes are right-aligned to [B, H, L, S])`,
      received: `${received}`,
      fix: adviceForShape(argument as 'mask' | 'bias', call),
    }),
  too_large: ({ argument, call: { query, key, value } }) =>
    new QkvError('ERR_SIZE', {
      argument,
      expected: 'fewer than 2^31 elements, and depths of at most 2^22',
      received: `query ${describe(query.shape)}, key ${describe(key.shape)}, value ${describe(value.shape)}`,
      fix: isSplittable(query, value)
        ? advice`Split the problem by batch, heads or queries.`
        : undefined,
    }),
  not_finite(refusal) {
    const { name, value } = given(refusal);
    return notFinite(name, value);
  },
  negative(refusal) {
    const { name, value } = given(refusal);
    return new QkvError('ERR_VALUE', {
      argument: name,
      expected: refusal.argument === 'window' ? 'at least 0' : 'at least 0 (0 = off)',
      received: describe(value),
    });
  },
  key_length_range(refusal) {
    const { name, value } = given(refusal);
    return new QkvError('ERR_VALUE', {
      argument: name,
      expected: `an integer from 0 to ${refusal.expected}`,
      received: describe(value),
    });
  },
};

/** The error for a problem that the core refused with the qkv::Status at `address`. */
export function refusal(m: MainModule, { i32 }: Heap, address: number, call: Call): QkvError {
  const read = (offset: number) => i32[(address + offset) >>> 2] as number;
  const code = nameOf(m.Code, read(m.Status_code));
  const argument = nameOf(m.Argument, read(m.Status_argument));
  return ERRORS[code as CodeName]({
    argument: argument as ArgumentName,
    index: read(m.Status_index),
    expected: read(m.Status_expected),
    received: read(m.Status_received),
    call,
  });
}

/** The error for a bad value of a bias (ProblemMemory.expectValid). */
export function biasError(argument: string, value: unknown): QkvError {
  return new QkvError('ERR_VALUE', {
    argument,
    expected: 'a finite number, or -Infinity to exclude a key',
    received: describe(value),
  });
}

/** The name of a value of an enum that Embind bound. The object may have other properties too. */
function nameOf(names: object, value: number): string | undefined {
  return Object.keys(names).find((name) => Reflect.get(names, name)?.value === value);
}

/** Whether parts of the problem are smaller: a depth is never split. */
function isSplittable(query: Operand, value: Operand): boolean {
  return Math.max(query.geometry.columns, value.geometry.columns) <= 2 ** 22;
}

/** The refused number and its name, from the caller's options. */
function given({ argument, index, received, call: { options } }: Refusal) {
  const value: unknown = options[argument as keyof OptionValues];
  if (Array.isArray(value)) return { name: `${argument}[${index}]`, value: value[index] };
  if (argument !== 'window') return { name: argument, value };
  const side = (value as WindowBounds).left === received ? 'left' : 'right';
  return { name: `${argument}.${side}`, value: received };
}
