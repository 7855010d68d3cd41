import { advice, describe, QkvError } from '../errors.js';
import type { MainModule } from '../loading/glue.js';
import { Bump } from '../memory/bump.js';
import { readResult } from '../memory/results.js';
import { elementsOf } from '../shape.js';
import type {
  AttentionOptions,
  BackwardOptions,
  Differentiable,
  Gradients,
  ResultTensor,
} from '../types.js';
import type { BackwardArguments } from './arguments.js';
import { type Call, readCall } from './call.js';
import type { Engine } from './engine.js';
import { shapeLike, withColumns } from './geometry.js';
import { asOneOf, readOwn } from './named-options.js';
import { adviceForElsewhere } from './names-elsewhere.js';
import { ATTENTION_OPTIONS } from './options.js';
import { type Placement, placeOperand, placeTensors } from './placement.js';
import { expectStorage, readTensor, type TensorData } from './tensors.js';

/** The member of qkv::Backward for each gradient, and the option that must be given for it. */
const GRADIENTS = {
  query: { member: 'Backward_query', option: undefined },
  key: { member: 'Backward_key', option: undefined },
  value: { member: 'Backward_value', option: undefined },
  bias: { member: 'Backward_bias', option: 'bias' },
  sinks: { member: 'Backward_sinks', option: 'sinks' },
  alibiSlopes: { member: 'Backward_alibi_slopes', option: 'alibiSlopes' },
} as const satisfies Record<
  Differentiable,
  {
    member: Extract<keyof MainModule, `Backward_${string}`>;
    option: keyof AttentionOptions | undefined;
  }
>;

const NAMES = Object.keys(GRADIENTS) as Differentiable[];
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
  const { option } = GRADIENTS[name];
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

/** Checks, then allocates, then writes, then computes. */
export function runBackward(backward: Backward, engine: Engine): Gradients {
  const { call, outputGradient, forward, wanted } = backward;
  const { module, heap, problem, scratch } = engine;
  problem.describe(call);
  problem.expectValid(call);

  const bump = new Bump(heap.alignment);
  const copied = [outputGradient, ...(forward ? [forward.output, forward.logSumExp] : [])].map(
    (source) => ({ source, offset: bump.take(source.data.byteLength) }),
  );
  const [ofGradient, ofOutput, ofLogSumExp] = copied.map(({ offset }) => offset);
  const placement: Placement = {
    query: placeOperand(bump, call.query, heap),
    key: placeOperand(bump, call.key, heap),
    value: placeOperand(bump, call.value, heap),
    tensors: placeTensors(bump, call),
    output: ofGradient, // the core ignores the output of the problem
    captures: {},
    workspace: bump.take(module.backwardWorkspaceBytes(problem.address)),
    bytes: 0,
  };
  const results = Array.from(wanted, (name) => {
    const shape = shapeOf(call, name);
    return { name, shape, offset: bump.take(4 * elementsOf(shape)) };
  });
  const struct = bump.take(module.Backward_size);

  const base = scratch.reserve(bump.bytes);
  problem.fill(call, placement, base);
  for (const { source, offset } of copied) heap.f32.set(source.data, (base + offset) >>> 2);
  const at = base + struct;
  heap.u8.fill(0, at, at + module.Backward_size); // null: neither given nor wanted
  const columns = call.value.geometry.columns;
  const { strides } = withColumns(call.query.geometry, columns);
  const write = (member: number, offset: number) => {
    heap.i32[(at + member) >>> 2] = base + offset;
  };
  problem.writeTensor(at + module.Backward_output_gradient, base + (ofGradient as number), strides);
  if (ofOutput !== undefined && ofLogSumExp !== undefined) {
    problem.writeTensor(at + module.Backward_output, base + ofOutput, strides);
    write(module.Backward_log_sum_exp, ofLogSumExp);
  }
  for (const { name, offset } of results) {
    const member = module[GRADIENTS[name].member];
    if (name === 'query' || name === 'key' || name === 'value')
      problem.writeTensor(at + member, base + offset, denseStrides(call, name));
    else write(member, offset);
  }
  module.backward(problem.address, at, base + placement.workspace);
  const gradients: { [Name in Differentiable]?: ResultTensor } = {};
  for (const { name, shape, offset } of results)
    gradients[name] = readResult(heap, base + offset, shape);
  return gradients;
}

/** Of a gradient in the shape of its input; a cache has strides of its own. */
function denseStrides(call: Call, name: 'query' | 'key' | 'value') {
  const { geometry } = call[name];
  return withColumns(geometry, geometry.columns).strides;
}

function shapeOf({ query, key, value, options }: Call, name: Differentiable): readonly number[] {
  switch (name) {
    case 'query':
      return query.shape;
    case 'key':
      return key.shape;
    case 'value':
      return value.shape;
    case 'bias':
      return options.bias?.source.shape as readonly number[];
    default:
      return [query.geometry.heads];
  }
}
