import { advice, describe, QkvError } from '../errors.js';
import type { MainModule } from '../loading/glue.js';
import type { AttentionOptions, BackwardOptions, Differentiable } from '../types.js';
import type { BackwardArguments } from './arguments.js';
import { type Call, readCall } from './call.js';
import { shapeLike } from './geometry.js';
import { asOneOf, readOwn } from './named-options.js';
import { adviceForElsewhere } from './names-elsewhere.js';
import { ATTENTION_OPTIONS } from './options.js';
import { expectStorage, readTensor, type TensorData } from './tensors.js';

/** The option that must be given for each gradient. */
const NEEDED = {
  query: undefined,
  key: undefined,
  value: undefined,
  bias: 'bias',
  sinks: 'sinks',
  alibiSlopes: 'alibiSlopes',
} as const satisfies Record<Differentiable, keyof AttentionOptions | undefined>;

const NAMES = Object.keys(NEEDED) as Differentiable[];
const DEFAULT: readonly Differentiable[] = ['query', 'key', 'value'];

/** Options of attend() that mean nothing here. */
type OfTheResult = 'capture' | 'out';
export const BACKWARD_OPTIONS: readonly (keyof BackwardOptions)[] = [
  ...ATTENTION_OPTIONS.filter(
    (name): name is Exclude<keyof AttentionOptions, OfTheResult> =>
      name !== 'capture' && name !== 'out',
  ),
  'forward',
  'wanted',
];

interface Forward {
  readonly output: TensorData;
  readonly logSumExp: TensorData;
}

/** One call of backward(), read from its arguments. */
export interface Backward {
  readonly call: Call;
  readonly outputGradient: TensorData;
  readonly forward: Forward | undefined;
  readonly wanted: ReadonlySet<Differentiable>;
}

export function readBackward(given: BackwardArguments, module: MainModule): Backward {
  const { options: all, outputGradient: gradient, ...inputs } = given;
  const raw = readOwn('options', all, BACKWARD_OPTIONS, adviceForElsewhere);
  const { forward: givenForward, wanted: givenWanted, ...options } = raw;
  const forward = givenForward === undefined ? undefined : readForward(givenForward);
  const names = givenWanted === undefined ? DEFAULT : readWanted(givenWanted);
  const outputGradient = readTensor('outputGradient', gradient);
  // Last: no code of the caller runs after it.
  const call = readCall({ ...inputs, options }, module);
  for (const [i, name] of names.entries()) expectGiven(call, name, `wanted[${i}]`);
  const shape = shapeLike(call.query.shape, call.value.geometry.columns);
  expectShape('outputGradient', outputGradient, shape, 'as the output');
  if (forward) {
    const { batch, heads, rows } = call.query.geometry;
    expectShape('forward.output', forward.output, shape, 'as the output');
    expectShape('forward.logSumExp', forward.logSumExp, [batch, heads, rows], '[B, H, L]');
  }
  return { call, outputGradient, forward, wanted: new Set(names) };
}

function readForward(given: unknown): Forward {
  const { output, logSumExp } = readOwn('forward', given, [
    ...(['output', 'logSumExp', 'weights'] as const),
    ...(['scoresRaw', 'scoresCapped', 'scoresMasked'] as const),
  ]);
  if (logSumExp === undefined || output === undefined) {
    throw new QkvError('ERR_TYPE', {
      argument: `forward.${output === undefined ? 'output' : 'logSumExp'}`,
      expected: 'what attend() returned',
      received: 'undefined',
      fix: advice`Call attend() with capture: ['logSumExp'], or leave out forward.`,
    });
  }
  return {
    output: readTensor('forward.output', output),
    logSumExp: readTensor('forward.logSumExp', logSumExp),
  };
}

function readWanted(given: unknown): Differentiable[] {
  if (Array.isArray(given)) {
    return Array.from(given, (name, i) => asOneOf(`wanted[${i}]`, name, NAMES));
  }
  throw new QkvError('ERR_TYPE', {
    argument: 'wanted',
    expected: `an array of ${NAMES.join(', ')}`,
    received: describe(given),
  });
}

function expectGiven(call: Call, name: Differentiable, argument: string): void {
  const option = NEEDED[name];
  if (option === undefined || call.options[option] !== undefined) return;
  throw new QkvError('ERR_OPTION', {
    argument,
    expected: 'an input that the call has',
    received: `'${name}' without the option ${option}`,
    fix: advice`Give ${option}, or leave '${name}' out of wanted.`,
  });
}

function expectShape(
  argument: string,
  tensor: TensorData,
  shape: readonly number[],
  meaning: string,
): void {
  expectStorage(argument, tensor);
  if (describe([...tensor.shape]) === describe([...shape])) return;
  throw new QkvError('ERR_SHAPE', {
    argument,
    expected: `${describe([...shape])}, ${meaning}`,
    received: describe([...tensor.shape]),
  });
}
