import type { MainModule } from '../loading/glue.js';
import { Bump } from '../memory/bump.js';
import { readResult } from '../memory/results.js';
import { elementsOf } from '../shape.js';
import type { Differentiable, Gradients, ResultTensor } from '../types.js';
import type { Backward } from './backward-options.js';
import type { Call } from './call.js';
import type { Engine } from './engine.js';
import { withColumns } from './geometry.js';
import { type Placement, placeOperand, placeTensors } from './placement.js';

/** The member of qkv::Backward for each gradient. */
const MEMBERS = {
  query: 'Backward_query',
  key: 'Backward_key',
  value: 'Backward_value',
  bias: 'Backward_bias',
  sinks: 'Backward_sinks',
  alibiSlopes: 'Backward_alibi_slopes',
} as const satisfies Record<Differentiable, Extract<keyof MainModule, `Backward_${string}`>>;

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
    const shape = gradientShape(call, name);
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
    const member = module[MEMBERS[name]];
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

/** A gradient has the shape of its input. */
export function gradientShape(
  { query, key, value, options }: Call,
  name: Differentiable,
): readonly number[] {
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
